import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// A decoder with a workspace and workers: what tests run passes on.
struct Bench {
    let decoder: Decoder
    let workspace: DecoderWorkspace
    let workers: WorkerPool
    let pages = PagePool()

    init(_ decoder: Decoder, workerCount: Int = 2, maximumRowCount: Int = 512) throws {
        self.decoder = decoder
        workspace = try DecoderWorkspace(for: decoder, maximumRowCount: maximumRowCount)
        workers = WorkerPool(workerCount: workerCount)
    }

    func cache(
        _ storage: Storage = .f32, retention: Retention? = nil, pageLength: Int = 16
    ) throws -> SequenceCache {
        try SequenceCache(
            try CacheConfiguration(
                keyStorage: storage, valueStorage: storage, retention: retention, pageLength: pageLength),
            layers: decoder.layerGeometries, pool: pages)
    }

    /// Logits of every token, fed in chunks.
    func logits(
        _ tokens: [TokenID], into cache: SequenceCache, chunkLength: Int = 512
    ) throws -> [[Float]] {
        var logits: [[Float]] = []
        for start in stride(from: 0, to: tokens.count, by: chunkLength) {
            let chunk = tokens[start..<min(start + chunkLength, tokens.count)]
            logits += copy(
                try decoder.forward(
                    PassEntry(cache, chunk, logits: .all), workspace: workspace, pool: workers))
        }
        return logits
    }

    /// Feeds all but the last chunk for the cache alone.
    ///
    /// - Returns: the logits of the last token, [1, vocabulary], valid until the next pass.
    func prefill(
        _ tokens: ArraySlice<TokenID>, into cache: SequenceCache, images: [PlacedImage] = [],
        chunkLength: Int = 512
    ) throws -> Rows {
        var rest = tokens
        while true {
            let chunk = rest.prefix(chunkLength)
            rest = rest.dropFirst(chunk.count)
            let rows = try decoder.forward(
                PassEntry(cache, chunk, images: images, logits: rest.isEmpty ? .last : .none),
                workspace: workspace, pool: workers)
            if rest.isEmpty { return rows }
        }
    }

    /// Logits of every token of several sequences in one pass, sequence by sequence.
    func logits(_ sequences: [(tokens: [TokenID], cache: SequenceCache)]) throws -> [[[Float]]] {
        let entries = sequences.map { PassEntry($0.cache, $0.tokens[...], logits: .all) }
        return try decoder.forward(entries, workspace: workspace, pool: workers).map { copy(try $0.get()) }
    }

    func greedy(_ prompt: [TokenID], count: Int) throws -> [TokenID] {
        let cache = try cache()
        var logits = copy(
            try prefill(prompt[...], into: cache))[0]
        var tokens: [TokenID] = []
        while true {
            tokens.append(TokenID(logits.indices.max { logits[$0] < logits[$1] } ?? 0))
            if tokens.count == count { return tokens }
            logits = try self.logits([tokens[tokens.count - 1]], into: cache)[0]
        }
    }

    func copy(_ rows: Rows) -> [[Float]] {
        (0..<rows.rowCount).map { Array(UnsafeBufferPointer(start: rows[$0], count: rows.columnCount)) }
    }
}

/// ||ours - theirs|| / ||theirs||, Euclidean.
func relativeDistance(_ ours: [Float], _ theirs: [Float]) -> Double {
    var difference = 0.0
    var norm = 0.0
    for (our, their) in zip(ours, theirs) {
        difference += Double(our - their) * Double(our - their)
        norm += Double(their) * Double(their)
    }
    return (difference / max(norm, .leastNormalMagnitude)).squareRoot()
}

/// Equality of floats that calls NaN equal to itself and 0 different from -0.
func bits(_ rows: [[Float]]) -> [[UInt32]] { rows.map { $0.map(\.bitPattern) } }
