import NuthatchCache
import NuthatchTensors

/// Feeds tokens to caches the way a model does: reserve, then append and attend layer by layer, then commit.
final class Driver {
    let shape: Shape
    /// What values are made by, where that is another shape.
    var valueShape: Shape
    private let pool: WorkerPool
    let workspace: AttentionWorkspace

    /// - Parameter pages: whose budget attention's scratch memory is part of.
    init(
        _ shape: Shape, workerCount: Int = 1, kernels: AttentionKernels = .best, pages: PagePool? = nil
    ) {
        self.shape = shape
        valueShape = shape
        pool = WorkerPool(workerCount: workerCount)
        workspace = AttentionWorkspace(
            queryHeadCount: shape.queryHeadCount, kernels: kernels, pool: pages)
    }

    /// One pass over several sequences; for each, the outputs [layer, token, queryHead * valueDimension].
    func pass(_ entries: [(cache: SequenceCache, tokens: [Token])]) throws -> [[Float]] {
        for entry in entries { try entry.cache.reserve(entry.tokens.count) }
        let outputs = try attend(entries)
        for entry in entries { entry.cache.commit(entry.tokens.ids) }
        return outputs
    }

    /// A pass that stops before its end.
    func abandon(_ entries: [(cache: SequenceCache, tokens: [Token])]) throws {
        for entry in entries { try entry.cache.reserve(entry.tokens.count) }
        _ = try attend(entries)
    }

    /// Fills a cache and asks nothing.
    func append(_ tokens: [Token], images: [TokenGrid] = [], to cache: SequenceCache) throws {
        try cache.reserve(tokens.count)
        _ = try attend([(cache, tokens)], asks: false)
        cache.commit(tokens.ids, images: images)
    }

    /// A whole sequence in chunks; the outputs [layer, token, ...] joined as if it had been one.
    func feed(_ tokens: [Token], to cache: SequenceCache, chunk: Int) throws -> [Float] {
        let width = shape.queryHeadCount * shape.valueDimension
        var byLayer = [[Float]](repeating: [], count: shape.retentions.count)
        for start in stride(from: 0, to: tokens.count, by: chunk) {
            let part = Array(tokens[start..<min(start + chunk, tokens.count)])
            let output = try pass([(cache, part)])[0]
            for layer in byLayer.indices {
                byLayer[layer] += output[layer * part.count * width..<(layer + 1) * part.count * width]
            }
        }
        return byLayer.flatMap { $0 }
    }

    /// Sources in one pass of an encoder, in which rows see all of theirs; outputs as of `pass`.
    func encode(_ sources: [[Token]], scratch: SourceScratch) throws -> [[Float]] {
        var rowCount = 0
        let rows = sources.map { source in
            defer { rowCount += source.count }
            return rowCount..<rowCount + source.count
        }
        return try attend(
            zip(try scratch.entries(rows), sources).map { ($0.cache, $1) }, visibility: .whole)
    }

    private func attend(
        _ entries: [(cache: SequenceCache, tokens: [Token])], visibility: CacheBatch.Visibility = .past,
        asks: Bool = true
    ) throws -> [[Float]] {
        var rowCount = 0
        var batchRuns: [CacheBatch.Entry] = []
        for entry in entries {
            batchRuns.append(
                CacheBatch.Entry(cache: entry.cache, rows: rowCount..<rowCount + entry.tokens.count))
            rowCount += entry.tokens.count
        }
        let batch = try CacheBatch(
            batchRuns, visibility: visibility, workspace: workspace, workerCount: pool.workerCount)
        let layerCount = shape.retentions.count
        // Odd strides and offsets: nothing may rely on alignment.
        let keys = Matrix(layerCount * rowCount, shape.kvHeadCount * shape.keyDimension)
        let values = Matrix(layerCount * rowCount, shape.kvHeadCount * shape.valueDimension)
        let queries = Matrix(layerCount * rowCount, shape.queryHeadCount * shape.keyDimension)
        let isDistant = entries.contains { $0.cache.plan.distantLimit != nil }
        let distantRowCount = isDistant ? layerCount * rowCount : 0
        let distantKeys = Matrix(distantRowCount, keys.rows.columnCount)
        let distantQueries = Matrix(distantRowCount, queries.rows.columnCount)
        let output = Matrix(layerCount * rowCount, shape.queryHeadCount * shape.valueDimension)
        for layer in 0..<layerCount {
            var row = layer * rowCount
            for entry in entries {
                for (offset, token) in entry.tokens.enumerated() {
                    let position = entry.cache.tokenCount + offset
                    keys.fill(row, shape.row(.key, token, position: position, layer: layer))
                    // Values that are in the keys come with them: nobody looks here.
                    if shape.values == .ownPlane || isDistant {
                        values.fill(row, valueShape.row(.value, token, position: position, layer: layer))
                    }
                    queries.fill(row, shape.row(.query, token, position: position, layer: layer))
                    if isDistant {
                        let place = entry.cache.plan.distantPosition(of: position)
                        distantKeys.fill(
                            row, shape.row(.key, token, position: position, layer: layer, at: place))
                        distantQueries.fill(
                            row, shape.row(.query, token, position: position, layer: layer, at: place))
                    }
                    row += 1
                }
            }
        }
        pool.run(
            Program(
                batch: batch, shape: shape, rowCount: rowCount, keys: keys.rows, values: values.rows,
                queries: queries.rows,
                distant: isDistant
                    ? DistantRows(queries: distantQueries.rows, keys: distantKeys.rows, values: values.rows)
                    : nil,
                output: output.rows, asks: asks))
        try batch.finish()
        return batchRuns.map { entry in
            (0..<layerCount).flatMap { layer in
                entry.rows.flatMap { output.row(layer * rowCount + $0) }
            }
        }
    }
}

private struct Program: WorkerProgram {
    let batch: CacheBatch
    let shape: Shape
    let rowCount: Int
    let keys: Rows
    let values: Rows
    let queries: Rows
    let distant: DistantRows?
    let output: Rows
    let asks: Bool

    func run(on worker: Worker) {
        for layer in shape.retentions.indices {
            let rows = layer * rowCount..<(layer + 1) * rowCount
            batch.append(keys: keys.rows(rows), values: values.rows(rows), layer: layer, on: worker)
            guard asks else { continue }
            worker.barrier()
            batch.attend(
                queries.rows(rows),
                distant: distant.map {
                    DistantRows(
                        queries: $0.queries.rows(rows), keys: $0.keys.rows(rows),
                        values: $0.values.rows(rows))
                }, layer: layer, queryHeadCount: shape.queryHeadCount,
                parameters: shape.parameters, into: output.rows(rows), on: worker)
            worker.barrier()
        }
    }
}

/// Owned rows with a stride that is no multiple of anything.
final class Matrix {
    let rows: Rows

    init(_ rowCount: Int, _ columnCount: Int) {
        let stride = columnCount + 3
        let base = UnsafeMutablePointer<Float>.allocate(capacity: rowCount * stride + 1)
        base.initialize(repeating: .nan, count: rowCount * stride + 1)
        rows = Rows(base: base + 1, rowCount: rowCount, columnCount: columnCount, stride: stride)
    }

    deinit {
        (rows.base - 1).deallocate()
    }

    func fill(_ row: Int, _ numbers: [Float]) {
        for column in 0..<rows.columnCount { rows[row][column] = numbers[column] }
    }

    func row(_ row: Int) -> [Float] {
        Array(UnsafeBufferPointer(start: rows[row], count: rows.columnCount))
    }
}

extension SequenceCache {
    /// Commits tokens that are of no interest.
    func commit(_ count: Int) { commit(Array(repeating: 0, count: count)[...]) }
}

extension EncoderDecoderCache {
    /// Begins a source of tokens that are of no interest.
    func beginSource(tokenCount: Int) throws(CacheError) {
        try beginSource(Array(repeating: 0, count: tokenCount))
    }
}

extension [Token] {
    /// The ids that tell them apart.
    var ids: ArraySlice<TokenID> { map { TokenID(truncatingIfNeeded: $0.seed) }[...] }
}

extension [Float] {
    /// For comparing bits, signs of zero and NaN included.
    var bits: [UInt32] { map(\.bitPattern) }
}
