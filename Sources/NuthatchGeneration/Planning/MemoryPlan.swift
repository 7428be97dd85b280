package import NuthatchCache
package import NuthatchCheckpoints
import NuthatchTensors

/// What a model and the caches of some sequences take of memory, worked out from the model's header by the
/// functions that caches and loading themselves go by (law L2). Nothing is loaded.
package struct MemoryPlan: Sendable {
    /// What is known. What is missing of the three is solved for.
    package struct Question: Sendable {
        /// Tokens of each sequence; of an encoder-decoder those of the answer.
        package var contextLength: Int?
        /// Tokens of an encoder-decoder's source; nil for as many as the answer has.
        package var sourceLength: Int?
        /// Sequences, each with a cache of its own.
        package var sequenceCount: Int?
        /// Bytes for weights, scratch memory and caches together.
        package var byteBudget: Int?

        package init(
            contextLength: Int? = nil, sourceLength: Int? = nil, sequenceCount: Int? = nil,
            byteBudget: Int? = nil
        ) {
            self.contextLength = contextLength
            self.sourceLength = sourceLength
            self.sequenceCount = sequenceCount
            self.byteBudget = byteBudget
        }
    }

    /// What was solved for.
    package enum Solution: Sendable, Equatable {
        /// The bytes of a context and a number of sequences.
        case byteCount
        /// The longest context, 0 for none.
        case contextLength(Int)
        /// The most sequences, 0 for none.
        case sequenceCount(Int)
    }

    /// Layers that hold the same pages.
    package struct LayerKind: Sendable {
        package let retention: CacheOptions.Retention
        /// Whether they hold an encoder-decoder's source.
        package let isSource: Bool
        package let layerCount: Int
        /// Pages of one such layer of one sequence.
        package let pages: LayerPlan.PageCounts
        package let openLayout: PageLayout
        package let sealedLayout: PageLayout
        /// Bytes of all such layers of all sequences, in memory; what all layers share is left out.
        package let byteCount: Int
    }

    package let solution: Solution
    /// As asked, as solved, or the model's own.
    package let contextLength: Int
    package let sequenceCount: Int
    /// Tokens of the source; nil for a decoder, which has none.
    package let sourceLength: Int?
    /// The context that the model was made for; nil for layers that belong to no model.
    package let modelContextLength: Int?
    package let weightByteCount: Int
    /// Scratch memory, what attention over these sequences takes included.
    package let workspaceByteCount: Int
    /// In memory.
    package let kvByteCount: Int
    /// What keys and values would take in memory in half floats, all else alike.
    package let halfFloatKVByteCount: Int
    /// Bytes among them for pages read back from disk: frames for the layer in use and the next.
    package let frameByteCount: Int
    /// On disk.
    package let diskByteCount: Int
    /// Bytes that each further token of one sequence adds once every window is full.
    package let kvByteCountPerToken: Double
    /// Bytes for each of a source's tokens; nil for a decoder.
    package let kvByteCountPerSourceToken: Double?
    /// Slots of a page.
    package let pageLength: Int
    package let layerKinds: [LayerKind]

    package var byteCount: Int { weightByteCount + workspaceByteCount + kvByteCount }

    /// The plan of a model whose files are here.
    package init(
        _ checkpoint: Checkpoint, weights: LoadOptions.Weights, cache: CacheOptions, question: Question
    ) throws {
        try self.init(.checkpoint(checkpoint, weights: weights), cache: cache, question: question)
    }

    /// - Throws: `NuthatchError` for options that the model can't follow and for more bytes than can be counted; the
    ///   models' and the cache's errors for a file that can't be loaded.
    package init(_ planned: PlannedModel, cache: CacheOptions, question: Question) throws {
        let known = question.contextLength ?? cache.growth.reservedTokenCount
        let model = try PlannedMemory(
            planned, cache: cache, context: question.contextLength,
            sourceLength: question.sourceLength)
        let caches = model.caches
        weightByteCount = model.weightByteCount
        modelContextLength = model.contextLength
        kvByteCountPerToken = caches.main.bytesPerToken
        kvByteCountPerSourceToken = caches.source?.bytesPerToken
        pageLength = caches.main.configuration.pageLength
        solution = Self.solve(
            caches, context: known, most: model.mostTokens, sequences: question.sequenceCount,
            budget: question.byteBudget.map { $0 - model.weightByteCount - model.workspaceByteCount })
        let solved = solution.values(
            contextLength: known ?? model.plannedLength, sequenceCount: question.sequenceCount ?? 1)
        (contextLength, sequenceCount) = solved
        workspaceByteCount =
            model.workspaceByteCount
            + caches.splitByteCount(contextLength: solved.contextLength, sequenceCount: solved.sequenceCount)
        sourceLength = caches.source.map { _ in question.sourceLength ?? solved.contextLength }
        kvByteCount = try Self.counted(caches.peakByteCount(contextLength: solved.contextLength), solved)
        let halves = try planned.caches(
            cache.inHalfFloats, context: question.contextLength, sourceLength: question.sourceLength)
        halfFloatKVByteCount = try Self.counted(
            halves.peakByteCount(contextLength: solved.contextLength), solved)
        frameByteCount = try Self.counted(caches.frameByteCount(contextLength: solved.contextLength), solved)
        diskByteCount = try Self.counted(caches.diskByteCount(contextLength: solved.contextLength), solved)
        layerKinds = try caches.parts.flatMap { try Self.kinds(of: $0, in: caches, solved) }
    }

    private static func solve(
        _ caches: PlannedCaches, context: Int?, most: Int?, sequences: Int?, budget: Int?
    ) -> Solution {
        switch (context, sequences, budget) {
        case (nil, _, let budget?):
            .contextLength(
                min(caches.largestContext(byteBudget: budget, sequenceCount: sequences ?? 1), most ?? .max))
        case (let context?, nil, let budget?):
            .sequenceCount(caches.largestSequenceCount(byteBudget: budget, contextLength: context))
        default: .byteCount
        }
    }

    /// What one sequence takes, times the sequences.
    private static func counted(
        _ byteCount: Int?, _ solved: (contextLength: Int, sequenceCount: Int)
    ) throws(NuthatchError) -> Int {
        let product = byteCount?.multipliedReportingOverflow(by: solved.sequenceCount)
        guard let product, !product.overflow, product.partialValue < 1 << 62 else {
            throw NuthatchError(
                code: .outOfMemory,
                message:
                    "\(Counted.text(solved.sequenceCount, "sequence")) of \(Counted.text(solved.contextLength, "token")) take"
                    + "\(solved.sequenceCount == 1 ? "s" : "") more bytes than "
                    + "can be counted.",
                remedy: "Plan fewer sequences or a shorter context.")
        }
        return product.partialValue
    }

    private static func kinds(
        of part: PlannedCaches.Part, in caches: PlannedCaches,
        _ solved: (contextLength: Int, sequenceCount: Int)
    ) throws -> [LayerKind] {
        var members: [(example: LayerPlan, layers: [LayerGeometry])] = []
        for (layer, geometry) in zip(part.plan.layers, part.layers) {
            let place = members.firstIndex { other, _ in
                other.retention == layer.retention && other.openLayout == layer.openLayout
                    && other.sealedLayout == layer.sealedLayout
            }
            if let place {
                members[place].layers.append(geometry)
            } else {
                members.append((layer, [geometry]))
            }
        }
        let configuration = part.plan.configuration
        let length = caches.length(of: part, contextLength: solved.contextLength)
        return try members.map { example, layers in
            let own = PlannedCaches(
                PlannedCaches.Part(
                    plan: try CachePlan(configuration, layers: layers), layers: layers,
                    isSource: part.isSource),
                of: caches)
            return LayerKind(
                retention: CacheOptions.Retention(example.retention), isSource: part.isSource,
                layerCount: layers.count,
                pages: example.mostPages(capacity: length, chunkLength: configuration.chunkLength),
                openLayout: example.openLayout, sealedLayout: example.sealedLayout,
                byteCount: try counted(own.peakByteCount(contextLength: solved.contextLength), solved)
                    - counted(own.frameByteCount(contextLength: solved.contextLength), solved))
        }
    }
}

extension MemoryPlan.Solution {
    fileprivate func values(
        contextLength: Int, sequenceCount: Int
    ) -> (contextLength: Int, sequenceCount: Int) {
        switch self {
        case .byteCount: (contextLength, sequenceCount)
        case .contextLength(let solved): (solved, sequenceCount)
        case .sequenceCount(let solved): (contextLength, solved)
        }
    }
}

extension CacheOptions.Growth {
    /// Tokens that were said; nil where none were.
    fileprivate var reservedTokenCount: Int? {
        if case .reserved(let tokenCount) = self { tokenCount } else { nil }
    }
}
