import CNuthatchKernels
import NuthatchTensors

/// One worker's part of coding the pages of one layer that a pass completes, a head of a page at a time.
struct SealPass {
    let batch: CacheBatch
    let layer: Int
    let worker: Worker

    /// Whether there were any; the same on every worker.
    func run() -> Bool {
        var index = 0
        for entry in batch.entries {
            for number in entry.cache.layerCaches[layer].sealing {
                for kvHead in 0..<entry.cache.layers[layer].kvHeadCount {
                    if index % worker.count == worker.index {
                        seal(number, kvHead: kvHead, of: entry.cache.layerCaches[layer])
                    }
                    index += 1
                }
            }
        }
        return index > 0
    }

    private func seal(_ number: Int, kvHead: Int, of cache: LayerCache) {
        guard let scratch = batch.workspace.scratch(of: worker), let page = cache.open[number]?.memory,
            let sealed = (cache.sealed[number] ?? cache.sinks[number])?.memory
        else { return }
        var open = cache.plan.openLayout.plane(kvHead: kvHead)
        var plane = cache.plan.sealedLayout.plane(kvHead: kvHead)
        let sinks = number == 0 ? cache.plan.exactSinks : nil
        batch.workspace.kernels.table.pointee.seal(
            page, &open, sealed, &plane, sinks?.count ?? 0, scratch.kernel)
        sinks?.copy(kvHead: kvHead, from: page, cache.plan.openLayout, to: sealed)
    }
}
