import NuthatchCache
import NuthatchTensors

/// Fills sources and decodes from them the way an encoder-decoder does.
final class PairDriver {
    /// The shape of both caches; self-attention and cross-attention of a decoder have the same heads.
    let shape: Shape
    private let pool: WorkerPool
    private let workspace: AttentionWorkspace

    init(_ shape: Shape, workerCount: Int = 1, kernels: AttentionKernels = .best) {
        self.shape = shape
        pool = WorkerPool(workerCount: workerCount)
        workspace = AttentionWorkspace(queryHeadCount: shape.queryHeadCount, kernels: kernels)
    }

    /// A whole source, `chunk` tokens at a time.
    func fill(_ cache: EncoderDecoderCache, _ tokens: [Token], chunk: Int = 300) throws {
        try cache.beginSource(Array(tokens.ids))
        for start in stride(from: 0, to: tokens.count, by: chunk) {
            try append(Array(tokens[start...].prefix(chunk)), from: start, to: cache)
        }
        try cache.endSource()
    }

    /// A part of a source.
    func append(_ tokens: [Token], from start: Int, to cache: EncoderDecoderCache) throws {
        let keys = matrix(.key, [tokens], [start])
        let values = matrix(.value, [tokens], [start])
        let batch = try SourceBatch(
            [SourceBatch.Entry(cache: cache, rows: 0..<tokens.count)], workspace: workspace,
            workerCount: pool.workerCount)
        pool.run(
            Filling(
                batch: batch, layerCount: shape.retentions.count, rowCount: tokens.count, keys: keys.rows,
                values: values.rows))
        try batch.commit()
    }

    /// One pass of several decoders; for each what cross-attention gives, [layer, token, queryHead * valueDimension].
    func pass(_ entries: [(cache: EncoderDecoderCache, tokens: [Token])]) throws -> [[Float]] {
        let tokens = entries.map(\.tokens)
        let starts = entries.map(\.cache.target.tokenCount)
        let (queries, keys, values) = (
            matrix(.query, tokens, starts), matrix(.key, tokens, starts), matrix(.value, tokens, starts)
        )
        let rowCount = tokens.reduce(0) { $0 + $1.count }
        let output = Matrix(
            shape.retentions.count * rowCount, shape.queryHeadCount * shape.valueDimension)
        let own = Matrix(output.rows.rowCount, output.rows.columnCount)
        var first = 0
        let rows = tokens.map { tokens in
            defer { first += tokens.count }
            return first..<first + tokens.count
        }
        // Both batches use one workspace.
        let cross = try CrossBatch(
            zip(entries, rows).map { CrossBatch.Entry(cache: $0.cache, rows: $1) }, workspace: workspace,
            workerCount: pool.workerCount)
        for entry in entries { try entry.cache.target.reserve(entry.tokens.count) }
        let batch = try CacheBatch(
            zip(entries, rows).map { CacheBatch.Entry(cache: $0.cache.target, rows: $1) },
            workspace: workspace,
            workerCount: pool.workerCount)
        pool.run(
            Decoding(
                batch: batch, cross: cross, shape: shape, rowCount: rowCount, queries: queries.rows,
                keys: keys.rows, values: values.rows, own: own.rows, output: output.rows))
        try batch.finish()
        if let failure = cross.finish().lazy.compactMap(\.self).first { throw failure }
        for entry in entries { entry.cache.target.commit(entry.tokens.ids) }
        return rows.map { rows in
            shape.retentions.indices.flatMap { layer in
                rows.flatMap { output.row(layer * rowCount + $0) }
            }
        }
    }

    /// All layers' rows of several sequences.
    private func matrix(_ kind: Token.Kind, _ sequences: [[Token]], _ starts: [Int]) -> Matrix {
        let (headCount, dimension) = shape.size(of: kind)
        let rowCount = sequences.reduce(0) { $0 + $1.count }
        let matrix = Matrix(shape.retentions.count * rowCount, headCount * dimension)
        for layer in shape.retentions.indices {
            var row = layer * rowCount
            for (tokens, start) in zip(sequences, starts) {
                for (offset, token) in tokens.enumerated() {
                    matrix.fill(row, shape.row(kind, token, position: start + offset, layer: layer))
                    row += 1
                }
            }
        }
        return matrix
    }
}

private struct Filling: WorkerProgram {
    let batch: SourceBatch
    let layerCount: Int
    let rowCount: Int
    let keys: Rows
    let values: Rows

    func run(on worker: Worker) {
        for layer in 0..<layerCount {
            let rows = layer * rowCount..<(layer + 1) * rowCount
            batch.append(keys: keys.rows(rows), values: values.rows(rows), layer: layer, on: worker)
            worker.barrier()
        }
    }
}

private struct Decoding: WorkerProgram {
    let batch: CacheBatch
    let cross: CrossBatch
    let shape: Shape
    let rowCount: Int
    let queries: Rows
    let keys: Rows
    let values: Rows
    let own: Rows
    let output: Rows

    func run(on worker: Worker) {
        for layer in shape.retentions.indices {
            let rows = layer * rowCount..<(layer + 1) * rowCount
            batch.append(keys: keys.rows(rows), values: values.rows(rows), layer: layer, on: worker)
            worker.barrier()
            batch.attend(
                queries.rows(rows), layer: layer, queryHeadCount: shape.queryHeadCount,
                parameters: shape.parameters, into: own.rows(rows), on: worker)
            worker.barrier()
            cross.attend(
                queries.rows(rows), layer: layer, queryHeadCount: shape.queryHeadCount,
                parameters: shape.parameters, into: output.rows(rows), on: worker)
            worker.barrier()
        }
    }
}
