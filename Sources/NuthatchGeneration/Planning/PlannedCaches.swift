import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// The caches of one sequence: a decoder's, or an encoder-decoder's for its answer and for its source.
struct PlannedCaches {
    struct Part {
        let plan: CachePlan
        let layers: [LayerGeometry]
        /// Whether it holds the source; its length is then the source's.
        var isSource = false
    }

    let parts: [Part]
    /// Tokens of the source; nil where it is as long as what is planned for.
    let sourceLength: Int?
    /// Query heads of a layer; nil where nobody knows.
    private let queryHeadCount: Int?

    /// - Throws: what the options and the model's header have against each other.
    init(
        _ header: ModelHeader, cache: CacheOptions, contextLength: Int?, sourceLength: Int?
    ) throws {
        switch header {
        case .decoder(let description):
            guard sourceLength == nil else {
                throw NuthatchError(
                    code: .usage,
                    message: "A source was given to plan for; a \(description.family) model reads none.",
                    remedy: "Leave it out, or choose an encoder-decoder.")
            }
            let layers = description.specification.layerGeometries
            let context = try ContextBound(description.specification, asked: contextLength)
            parts = [Part(plan: try cache.plan(for: description, context: context), layers: layers)]
            queryHeadCount = description.specification.attention.heads.queryCount
        case .encoderDecoder(let description):
            let specification = description.specification
            let configuration = try cache.configuration(of: description, contextLength: contextLength)
            let plan = try EncoderDecoderPlan(
                configuration.answer, targetLayers: specification.targetGeometries,
                sourceLayers: specification.sourceGeometries, sourceCapacity: configuration.sourceCapacity)
            parts = [
                Part(plan: plan.target, layers: specification.targetGeometries),
                Part(plan: plan.source, layers: specification.sourceGeometries, isSource: true),
            ]
            queryHeadCount = specification.decoder.attention.heads.queryCount
        }
        self.sourceLength = sourceLength
    }

    /// Plans caches of layers that nothing else is known of.
    init(_ layers: [LayerGeometry], cache: CacheOptions, contextLength: Int) throws {
        let configuration = try cache.configuration(layers: layers, growingTo: contextLength)
        parts = [Part(plan: try CachePlan(configuration, layers: layers), layers: layers)]
        sourceLength = nil
        queryHeadCount = nil
    }

    /// Some layers of others.
    init(_ part: Part, of caches: PlannedCaches) {
        parts = [part]
        sourceLength = caches.sourceLength
        queryHeadCount = caches.queryHeadCount
    }

    /// The plan of what is generated.
    var main: CachePlan { parts[0].plan }
    var source: CachePlan? { parts.first(where: \.isSource)?.plan }

    func length(of part: Part, contextLength: Int) -> Int {
        part.isSource ? sourceLength ?? contextLength : contextLength
    }

    /// In memory, of one sequence; nil beyond 63 bits, as all below.
    func peakByteCount(contextLength: Int) -> Int? {
        sum { part in part.plan.peakByteCount(contextLength: length(of: part, contextLength: contextLength)) }
    }

    func diskByteCount(contextLength: Int) -> Int? {
        sum { part in part.plan.diskByteCount(tokenCount: length(of: part, contextLength: contextLength)) }
    }

    func frameByteCount(contextLength: Int) -> Int? {
        sum { part in
            let frames = part.plan.frames(tokenCount: length(of: part, contextLength: contextLength))
            let (bytes, overflow) = (2 * frames.byteCount).multipliedReportingOverflow(by: frames.count)
            return overflow ? nil : bytes
        }
    }

    /// What attention keeps beside the pages of so many sequences.
    func splitByteCount(contextLength: Int, sequenceCount: Int) -> Int {
        guard let queryHeadCount else { return 0 }
        return main.splitByteCount(
            tokenCount: contextLength, sequenceCount: sequenceCount, queryHeadCount: queryHeadCount)
    }

    /// The longest context that `sequenceCount` sequences reach within `byteBudget` bytes; 0 if not even one token.
    func largestContext(byteBudget: Int, sequenceCount: Int) -> Int {
        CachePlan.largest(below: CacheLimits.tokenCount) { contextLength in
            fits(byteBudget, contextLength: contextLength, sequenceCount: sequenceCount)
        }
    }

    /// The most sequences of `contextLength` tokens each within `byteBudget` bytes; 0 if not even one.
    func largestSequenceCount(byteBudget: Int, contextLength: Int) -> Int {
        CachePlan.largest(below: CacheLimits.tokenCount) { sequenceCount in
            fits(byteBudget, contextLength: contextLength, sequenceCount: sequenceCount)
        }
    }

    private func fits(_ byteBudget: Int, contextLength: Int, sequenceCount: Int) -> Bool {
        guard let bytes = peakByteCount(contextLength: contextLength) else { return false }
        let (all, overflow) = bytes.multipliedReportingOverflow(by: sequenceCount)
        let splits = splitByteCount(contextLength: contextLength, sequenceCount: sequenceCount)
        return !overflow && all <= byteBudget - splits
    }

    private func sum(_ byteCount: (Part) -> Int?) -> Int? {
        var total = 0
        for part in parts {
            guard let bytes = byteCount(part) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(bytes)
            if overflow { return nil }
            total = sum
        }
        return total
    }
}
