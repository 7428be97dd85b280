import NuthatchCache
import NuthatchGeneration
import NuthatchTensors

/// What `plan` prints.
struct PlanReport: Encodable {
    struct Kind: Encodable {
        /// What it keeps; "source" where an encoder-decoder's layers hold what it reads.
        let kind: String
        let layers: Int
        /// Pages not yet full, in one layer of one sequence.
        let openPages: Int
        let sealedPages: Int
        let storedPages: Int
        let openPageBytes: Int
        let sealedPageBytes: Int
        /// Bits for each number of a full page, scales, offsets and padding included.
        let bitsPerValue: Double
        /// Bytes of all these layers of all sequences.
        let bytes: Int
    }

    let model: ModelResult
    let kvKeys: String
    let kvValues: String
    /// Where layers with a window hold theirs otherwise.
    let kvWindowKeys: String?
    let kvWindowValues: String?
    let context: Int
    /// Tokens of an encoder-decoder's source.
    let source: Int?
    let batch: Int
    /// The longest that the model was made for; nil where layers alone were described.
    let contextLength: Int?
    let memoryBytes: Int?
    let totalBytes: Int
    let weightBytes: Int
    let workspaceBytes: Int
    /// In memory.
    let kvBytes: Int
    /// Bytes that they would be in half floats.
    let f16KvBytes: Int
    /// Bytes among those of keys and values that all layers share: frames for pages read back from disk.
    let frameBytes: Int
    let diskBytes: Int
    let kvBytesPerToken: Double
    /// Bytes for each token of an encoder-decoder's source.
    let kvBytesPerSourceToken: Double?
    let kvBytesByLayerKind: [String: Int]
    /// Where it was solved for.
    let maxContext: Int?
    let maxBatch: Int?
    /// Whether it fits the memory given, else what the system has free.
    let fits: Bool?
    let pageLength: Int
    let breakdown: [Kind]
    private let limit: Int?
    /// Whether nobody said the context.
    private let assumesContext: Bool
    /// Whether values are the first columns of keys, and so held once.
    private let holdsValuesInKeys: Bool

    private enum CodingKeys: String, CodingKey {
        case model, kvKeys, kvValues, kvWindowKeys, kvWindowValues, context, source, batch, contextLength,
            memoryBytes, totalBytes
        case weightBytes, workspaceBytes, kvBytes, f16KvBytes, frameBytes, diskBytes
        case kvBytesPerToken, kvBytesPerSourceToken, kvBytesByLayerKind, maxContext,
            maxBatch, fits, pageLength
        case breakdown
    }

    init(
        _ plan: MemoryPlan, assumesContext: Bool = false, model: ModelResult, cache: CacheOptions,
        memory: Int?,
        freeMemory: Int?
    ) {
        self.assumesContext = assumesContext
        self.model = model
        let storage = StorageText(cache)
        (kvKeys, kvValues) = (storage.keys, storage.values)
        (kvWindowKeys, kvWindowValues) = (storage.windowKeys, storage.windowValues)
        context = plan.contextLength
        source = plan.sourceLength
        batch = plan.sequenceCount
        contextLength = plan.modelContextLength
        memoryBytes = memory
        totalBytes = plan.byteCount
        weightBytes = plan.weightByteCount
        workspaceBytes = plan.workspaceByteCount
        kvBytes = plan.kvByteCount
        f16KvBytes = plan.halfFloatKVByteCount
        frameBytes = plan.frameByteCount
        diskBytes = plan.diskByteCount
        kvBytesPerToken = plan.kvByteCountPerToken
        kvBytesPerSourceToken = plan.kvByteCountPerSourceToken
        pageLength = plan.pageLength
        breakdown = plan.layerKinds.map { kind in
            Kind(
                kind: kind.isSource ? "source" : kind.retention.description, layers: kind.layerCount,
                openPages: kind.pages.open,
                sealedPages: kind.pages.sealed, storedPages: kind.pages.stored,
                openPageBytes: kind.openLayout.byteCount,
                sealedPageBytes: kind.sealedLayout.byteCount, bitsPerValue: kind.sealedLayout.bitsPerValue,
                bytes: kind.byteCount)
        }
        holdsValuesInKeys = plan.layerKinds.allSatisfy(\.sealedLayout.holdsValuesInKeys)
        kvBytesByLayerKind = Dictionary(breakdown.map { ($0.kind, $0.bytes) }, uniquingKeysWith: +)
        limit = memory ?? freeMemory
        switch plan.solution {
        case .byteCount: (maxContext, maxBatch) = (nil, nil)
        case .contextLength(let length): (maxContext, maxBatch) = (length, nil)
        case .sequenceCount(let count): (maxContext, maxBatch) = (nil, count)
        }
        let isSomething = maxContext != 0 && maxBatch != 0
        fits = limit.map { plan.byteCount <= $0 && isSomething }
    }
}

extension PlanReport {
    private var storageText: String {
        StorageText(
            keys: kvKeys, values: holdsValuesInKeys ? "in the keys" : kvValues, windowKeys: kvWindowKeys,
            windowValues: kvWindowValues
        ).text
    }

    /// A table and a sentence.
    var text: String {
        let sequences = Counted.text(batch, "sequence")
        let lengths =
            source.map { "\(Counted.text(context, "token")) answering \($0)" }
            ?? Counted.text(context, "token")
        let perSourceToken =
            kvBytesPerSourceToken.map { ", \(Quantities.bytes(Int($0))) per token of the source" } ?? ""
        var lines = [
            ("model", model.text),
            ("weights", Quantities.bytes(weightBytes)),
            // Nothing is known of it where layers alone were described.
            ("workspace", workspaceBytes > 0 ? Quantities.bytes(workspaceBytes) : "not counted"),
            (
                "KV",
                "\(Quantities.bytes(kvBytes)) for \(sequences) of \(lengths) (\(storageText); "
                    + "\(Quantities.bytes(Int(kvBytesPerToken))) per token\(perSourceToken))"
                    + StorageText.inHalfFloats(f16KvBytes, besides: kvBytes)
            ),
        ]
        if diskBytes > 0 {
            let frames = Quantities.bytes(frameBytes)
            lines.append(
                ("on disk", "\(Quantities.bytes(diskBytes)); \(frames) of the KV are to read it back into"))
        }
        lines.append(("total", "\(Quantities.bytes(totalBytes))\(diskBytes > 0 ? " of memory" : "")"))
        let head = lines.map { name, value in
            name.padded(to: 11) + value + "\n"
        }
        let assumption =
            assumesContext
            ? "Layers alone say no context, so \(context) tokens are planned; choose with --context, or give --memory "
                + "for the longest.\n" : ""
        return head.joined() + "\n" + table.text + "\n" + assumption + verdict + "\n"
    }

    private var table: TextTable {
        var table = TextTable([
            "layers", "count", "open pages", "of", "sealed pages", "on disk", "of", "bits", "bytes",
        ])
        for kind in breakdown {
            table.add([
                kind.kind, "\(kind.layers)", "\(kind.openPages)", Quantities.bytes(kind.openPageBytes),
                "\(kind.sealedPages)", "\(kind.storedPages)", Quantities.bytes(kind.sealedPageBytes),
                Quantities.decimal(kind.bitsPerValue, digits: 2), Quantities.bytes(kind.bytes),
            ])
        }
        return table
    }

    private var verdict: String {
        let place = memoryBytes == nil ? "free" : "given"
        guard let limit, let fits else { return "The system does not say how much memory is free." }
        let given = "\(Quantities.bytes(limit)) \(place)"
        guard fits else {
            let needed = weightBytes + workspaceBytes
            guard needed <= limit else {
                return
                    "Does not fit: weights and workspace take \(Quantities.bytes(needed)) of the \(given); "
                    + "use fewer bits for --weights, a smaller model, or more memory."
            }
            let what =
                maxContext == 0
                ? "not even one page for each sequence" : maxBatch == 0 ? "not even one sequence" : nil
            let excess =
                what.map { "\($0) beside \(Quantities.bytes(needed)) of weights and workspace in" }
                ?? "\(Quantities.bytes(totalBytes)) of"
            return "Does not fit: \(excess) the \(given); use a shorter --context, "
                + "--cache quantized, or --kv-retention window=N."
        }
        let beyond =
            contextLength.map {
                context > $0 ? " The model itself was made for \(Counted.text($0, "token"))." : ""
            } ?? ""
        if let maxContext {
            let each = batch == 1 ? "" : " for each of \(Counted.text(batch, "sequence"))"
            if maxContext == contextLength {
                return
                    "Fits: the model's whole context of \(Counted.text(maxContext, "token"))\(each) in the \(given)."
            }
            return
                "Fits: a context of up to \(Counted.text(maxContext, "token"))\(each) in the \(given).\(beyond)"
        }
        if let maxBatch {
            return
                "Fits: up to \(Counted.text(maxBatch, "sequence")) of \(Counted.text(context, "token")) in the \(given).\(beyond)"
        }
        return "Fits: \(Quantities.bytes(totalBytes)) of the \(given).\(beyond)"
    }
}
