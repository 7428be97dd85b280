import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// An encoder-decoder with a workspace and workers: what tests run passes on.
struct EncoderDecoderBench {
    let model: EncoderDecoder
    let workspace: EncoderDecoderWorkspace
    let workers: WorkerPool
    let pages = PagePool()

    init(_ model: EncoderDecoder, workerCount: Int = 2, maximumRowCount: Int = 512) throws {
        self.model = model
        workspace = try EncoderDecoderWorkspace(for: model, maximumRowCount: maximumRowCount)
        workers = WorkerPool(workerCount: workerCount)
    }

    func cache(_ storage: Storage = .f32, retention: Retention? = nil) throws -> EncoderDecoderCache {
        try model.makeCache(
            try CacheConfiguration(
                keyStorage: storage, valueStorage: storage, retention: retention, pageLength: 16),
            pool: pages)
    }

    /// Reads sources together; the states of each.
    @discardableResult
    func encode(_ sources: [([TokenID], EncoderDecoderCache)]) throws -> [[[Float]]] {
        var states = sources.map { _ in [[Float]]() }
        try model.encode(
            sources.map { EncoderDecoder.Source(tokens: $0, cache: $1) }, workspace: workspace, pool: workers
        ) { states[$0] = copy($1) }
        return states
    }

    /// A cache with a source.
    func cache(reading source: [TokenID], _ storage: Storage = .f32) throws -> EncoderDecoderCache {
        let cache = try cache(storage)
        try encode([(source, cache)])
        return cache
    }

    /// Logits of every token, fed in chunks.
    func logits(
        _ tokens: [TokenID], into cache: EncoderDecoderCache, chunkLength: Int = 512
    ) throws -> [[Float]] {
        var logits: [[Float]] = []
        for start in stride(from: 0, to: tokens.count, by: chunkLength) {
            logits += try self.logits([(Array(tokens[start...].prefix(chunkLength)), cache)])[0]
        }
        return logits
    }

    /// Logits of every token of several answers in one pass.
    func logits(_ answers: [(tokens: [TokenID], cache: EncoderDecoderCache)]) throws -> [[[Float]]] {
        let entries = answers.map { PassEntry(answering: $0.cache, $0.tokens[...], logits: .all) }
        return try model.forward(entries, workspace: workspace, pool: workers).map { copy(try $0.get()) }
    }

    /// The answers to sources read together, a step of all at a time.
    func greedy(_ sources: [[TokenID]], count: Int) throws -> [[TokenID]] {
        let start = model.specification.start
        let caches = try sources.map { _ in try cache() }
        try encode(Array(zip(sources, caches)))
        var answers = sources.map { _ in [TokenID]() }
        var next = sources.map { _ in [start.token] }
        if let forced = start.forcedFirstToken {
            answers = sources.map { _ in [forced] }
            next = sources.map { _ in [start.token, forced] }
        }
        while answers[0].count < count {
            let logits = try logits(Array(zip(next, caches)))
            for (index, rows) in logits.enumerated() {
                let row = rows[rows.count - 1]
                answers[index].append(TokenID(row.indices.max { row[$0] < row[$1] } ?? 0))
                next[index] = [answers[index][answers[index].count - 1]]
            }
        }
        return answers
    }

    private func copy(_ rows: Rows) -> [[Float]] {
        (0..<rows.rowCount).map { Array(UnsafeBufferPointer(start: rows[$0], count: rows.columnCount)) }
    }
}
