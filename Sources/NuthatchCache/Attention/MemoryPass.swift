import CNuthatchKernels
package import NuthatchTensors

/// One worker's part of one layer's compressive memory: each row's output takes in what the memory of earlier
/// segments gives for it, then the row is remembered.
///
/// An item is (entry, kv head): a head's segments follow each other. Runs after attention's outputs are there.
struct MemoryPass {
    let batch: CacheBatch
    let rows: DistantRows
    let output: Rows
    let layer: Int
    let queryHeadCount: Int
    let gates: [Float]
    let worker: Worker

    func run() {
        guard let scratch = batch.workspace.scratch(of: worker) else { return }
        var index = 0
        for entry in batch.entries where !entry.rows.isEmpty {
            let cache = entry.cache.layerCaches[layer]
            guard let memory = cache.memory else { continue }
            for kvHead in 0..<cache.plan.geometry.kvHeadCount {
                if index % worker.count == worker.index { walk(entry, memory, kvHead, scratch.kernel) }
                index += 1
            }
        }
    }

    private func walk(
        _ entry: CacheBatch.Entry, _ memory: CompressiveMemory, _ kvHead: Int,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let geometry = memory.geometry
        let kernels = batch.workspace.kernels.table.pointee
        let headCount = queryHeadCount / geometry.kvHeadCount
        guard var head = memory.memory(kvHead) else { return }
        let isDelta: Int32 = memory.rule == .delta ? 1 : 0
        let end = entry.cache.tokenCount + entry.rows.count
        var position = entry.cache.tokenCount
        gates.withUnsafeBufferPointer { gates in
            guard let base = gates.baseAddress else { return }
            while position < end {
                let segmentEnd = (position / memory.segmentLength + 1) * memory.segmentLength
                let count = min(segmentEnd, end) - position
                let row = entry.rows.lowerBound + position - entry.cache.tokenCount
                kernels.recall(
                    &head, rows.queries[row] + kvHead * headCount * geometry.keyDimension,
                    rows.queries.stride,
                    count, headCount, base + kvHead * headCount,
                    output[row] + kvHead * headCount * geometry.valueDimension,
                    output.stride, scratch)
                kernels.remember(
                    &head, rows.keys[row] + kvHead * geometry.keyDimension, rows.keys.stride,
                    rows.values[row] + kvHead * geometry.valueDimension, rows.values.stride, count, isDelta,
                    scratch)
                position += count
                if position == segmentEnd { memory.endSegment(head) }
            }
        }
    }
}

/// A pass's rows as they look from beyond a window: at their
/// `CachePlan.distantPosition`.
package struct DistantRows {
    /// [row, queryHead * keyDimension]
    package let queries: Rows
    /// [row, kvHead * keyDimension]
    package let keys: Rows
    /// [row, kvHead * valueDimension]; values have no position.
    package let values: Rows

    package init(queries: Rows, keys: Rows, values: Rows) {
        self.queries = queries
        self.keys = keys
        self.values = values
    }
}
