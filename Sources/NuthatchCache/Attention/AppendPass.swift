import CNuthatchKernels
import NuthatchTensors

/// One worker's part of writing a pass's keys and values into one layer's pages.
///
/// An item is (entry, kv head, page), so no two workers ever write to one head of one page.
struct AppendPass {
    let batch: CacheBatch
    let keys: Rows
    let values: Rows
    let layer: Int
    let worker: Worker

    func run() {
        var itemCount = 0
        forEachItem { _, _, _ in itemCount += 1 }
        let share = worker.share(of: itemCount)
        var index = 0
        forEachItem { entry, kvHead, page in
            if share.contains(index) { write(entry, kvHead: kvHead, page: page) }
            index += 1
        }
    }

    private func forEachItem(_ body: (CacheBatch.Entry, _ kvHead: Int, _ page: Int) -> Void) {
        for entry in batch.entries where !entry.rows.isEmpty {
            let pageLength = entry.cache.configuration.pageLength
            let first = entry.cache.tokenCount / pageLength
            let last = (entry.cache.tokenCount + entry.rows.count - 1) / pageLength
            for kvHead in 0..<entry.cache.layers[layer].kvHeadCount {
                for page in first...last { body(entry, kvHead, page) }
            }
        }
    }

    /// The part of an entry's rows that lies in one page, for one head.
    private func write(_ entry: CacheBatch.Entry, kvHead: Int, page: Int) {
        // Parts of the layer, not a copy of it: a copy counts a reference to each of its lists.
        let plan = entry.cache.plan.layers[layer]
        let layout = plan.openLayout
        let pageLength = layout.pageLength
        let start = entry.cache.tokenCount
        let positions = (page * pageLength..<(page + 1) * pageLength).clamped(
            to: start..<start + entry.rows.count)
        let row = entry.rows.lowerBound + positions.lowerBound - start
        let slot = positions.lowerBound - page * pageLength
        guard let memory = entry.cache.layerCaches[layer].open[page]?.memory else { return }
        let kernels = batch.workspace.kernels.table.pointee
        var plane = layout.plane(kvHead: kvHead)
        let keys = source(
            keys, row, kvHead * plane.key_dimension, plane.key_dimension, .keys, positions.count)
        let saturatedKeyCount = kernels.write_keys(
            keys.base, keys.stride, positions.count, memory, slot, &plane)
        if saturatedKeyCount > 0 { entry.cache.saturation.add(keys: saturatedKeyCount, layer: layer) }
        worker.countWritten(byteCount: layout.exactByteCount(tokenCount: positions.count))
        // Where they are the keys' first columns they are there by now.
        guard !layout.holdsValuesInKeys else { return }
        let values = source(
            values, row, kvHead * plane.value_dimension, plane.value_dimension, .values, positions.count)
        let saturatedValueCount = kernels.write_values(
            values.base, values.stride, positions.count, memory, slot, &plane)
        if saturatedValueCount > 0 { entry.cache.saturation.add(values: saturatedValueCount, layer: layer) }

        /// The vectors to write: as they come, or rotated in scratch memory.
        func source(
            _ rows: Rows, _ row: Int, _ column: Int, _ dimension: Int, _ side: Rotation, _ count: Int
        ) -> (base: UnsafePointer<Float>, stride: Int) {
            let start = rows[row] + column
            guard plan.rotation.contains(side), let scratch = batch.workspace.scratch(of: worker) else {
                return (UnsafePointer(start), rows.stride)
            }
            Hadamard.copy(
                start, stride: rows.stride, count: count, width: dimension, dimension: dimension,
                into: scratch.kernel)
            return (UnsafePointer(scratch.kernel), dimension)
        }
    }
}
