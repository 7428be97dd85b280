package import NuthatchTensors

extension SequenceCache {
    /// Appends keys and values that were computed elsewhere, as `read(layer:)` gives them: behind what is held, in the
    /// cache's own storage, sealed and dropped as if a pass had written them.
    ///
    /// - Parameters:
    ///   - contents: of each layer; its positions may begin later than `tokenCount` where the layer keeps a window, and
    ///     reach to the last of the new tokens.
    ///   - tokens: those whose keys and values they are.
    /// - Throws: `CacheError.invalidContents` naming the layer whose numbers don't fit, before anything is written; as
    ///   `reserve` where there is no room, with what came before that kept.
    package func append(
        _ contents: [LayerContents], tokens: [TokenID], workspace: AttentionWorkspace,
        pool workers: WorkerPool
    ) throws(CacheError) {
        try check(contents, newTokenCount: tokens.count)
        var rest = tokens[...]
        while !rest.isEmpty {
            let count = min(configuration.chunkLength, rest.count)
            try reserve(count)
            let batch = try CacheBatch(
                [CacheBatch.Entry(cache: self, rows: 0..<count)], workspace: workspace,
                workerCount: workers.workerCount)
            let rows = try layers.indices.map { layer throws(CacheError) in
                try ContentRows(contents[layer], layers[layer], positions: tokenCount..<tokenCount + count)
            }
            workers.run(ContentPass(batch: batch, rows: rows))
            try batch.finish()
            commit(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
    }

    private func check(_ contents: [LayerContents], newTokenCount: Int) throws(CacheError) {
        guard contents.count == layers.count else {
            throw .invalidContents(
                reason:
                    "There are keys and values of \(Counted.text(contents.count, "layer")); the cache has \(layers.count)."
            )
        }
        let end = tokenCount + newTokenCount
        for (layer, content) in contents.enumerated() {
            let geometry = layers[layer]
            let retention = plan.layers[layer].retention
            if case .compressive = retention {
                throw .invalidContents(
                    reason:
                        "Layer \(layer) folds what it drops into a memory, which keys and values alone don't give."
                )
            }
            // What the next query sees must be there.
            let needed = (tokenCount..<end).filter {
                $0 >= retention.firstVisible(from: end) || $0 < retention.sinkCount
            }
            let isOrdered = zip(content.positions, content.positions.dropFirst()).allSatisfy { $0 < $1 }
            guard isOrdered, content.positions.allSatisfy((tokenCount..<end).contains),
                Set(content.positions).isSuperset(of: needed)
            else {
                throw .invalidContents(
                    reason:
                        "Layer \(layer) has \(Counted.text(content.positions.count, "position")), not all that the next token sees "
                        + "of \(tokenCount) to \(end - 1), ascending.")
            }
            let count = geometry.kvHeadCount * content.positions.count
            guard content.keys.count == count * geometry.keyDimension,
                content.values.count == count * geometry.valueDimension
            else {
                throw .invalidContents(
                    reason:
                        "Layer \(layer) has \(content.keys.count) and \(Counted.text(content.values.count, "number")) for "
                        + "\(Counted.text(geometry.kvHeadCount, "head")) of \(Counted.text(content.positions.count, "position")), of "
                        + "\(geometry.keyDimension) and \(geometry.valueDimension) each.")
            }
            guard geometry.values == .ownPlane || content.holdsValuesInKeys(geometry) else {
                throw .invalidContents(
                    reason:
                        "Layer \(layer) holds its values as the first columns of its keys, and has values that are "
                        + "not.")
            }
        }
    }
}

extension SequenceCache.LayerContents {
    /// Whether each value is the first numbers of its key, to the bit.
    fileprivate func holdsValuesInKeys(_ geometry: LayerGeometry) -> Bool {
        (0..<geometry.kvHeadCount * positions.count).allSatisfy { row in
            (0..<geometry.valueDimension).allSatisfy { column in
                values[row * geometry.valueDimension + column].bitPattern
                    == keys[row * geometry.keyDimension + column].bitPattern
            }
        }
    }
}

/// A layer's keys and values of some positions as a pass brings them: [row, kvHead * dimension].
private struct ContentRows {
    let keys: Rows
    let values: Rows
    private let buffer: ContentBuffer

    init(
        _ contents: SequenceCache.LayerContents, _ geometry: LayerGeometry, positions: Range<Int>
    ) throws(CacheError) {
        let keyWidth = geometry.kvHeadCount * geometry.keyDimension
        let valueWidth = geometry.kvHeadCount * geometry.valueDimension
        buffer = try ContentBuffer(floatCount: positions.count * (keyWidth + valueWidth))
        keys = Rows(base: buffer.floats, rowCount: positions.count, columnCount: keyWidth, stride: keyWidth)
        values = Rows(
            base: buffer.floats + positions.count * keyWidth, rowCount: positions.count,
            columnCount: valueWidth, stride: valueWidth)
        for (rows, numbers, dimension) in [
            (keys, contents.keys, geometry.keyDimension), (values, contents.values, geometry.valueDimension),
        ] {
            for (index, position) in contents.positions.enumerated() where positions.contains(position) {
                for head in 0..<geometry.kvHeadCount {
                    let from = (head * contents.positions.count + index) * dimension
                    let target = rows[position - positions.lowerBound] + head * dimension
                    for element in 0..<dimension { target[element] = numbers[from + element] }
                }
            }
        }
    }
}

/// Owns those rows. Zeros stand where a window layer's contents had none; nothing looks there.
private final class ContentBuffer {
    private let buffer: AlignedBuffer
    var floats: UnsafeMutablePointer<Float> { buffer.floats }

    init(floatCount: Int) throws(CacheError) {
        let byteCount = floatCount * MemoryLayout<Float>.size
        do {
            buffer = try AlignedBuffer(byteCount: byteCount, purpose: "keys and values to write")
        } catch { throw .outOfMemory(byteCount: byteCount, inUse: 0, budget: nil) }
    }
}

/// Writes them into every layer's pages.
private struct ContentPass: WorkerProgram {
    let batch: CacheBatch
    let rows: [ContentRows]

    func run(on worker: Worker) {
        for (layer, rows) in rows.enumerated() {
            batch.append(keys: rows.keys, values: rows.values, layer: layer, on: worker)
            worker.barrier()
            if SealPass(batch: batch, layer: layer, worker: worker).run() { worker.barrier() }
        }
    }
}
