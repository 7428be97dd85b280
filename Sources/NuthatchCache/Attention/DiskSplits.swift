import NuthatchTensors

/// One worker's part of a decode step's attention over pages on disk.
///
/// With few queries a page is used for some microseconds, less than its copying takes. So nobody copies it for the
/// workers: each reads the pages of a split itself, into frames of its own that stay in its core's cache, and shows
/// them to all kv heads before it goes on to the next split that nobody has taken: what reading takes can't be
/// foreseen, and a split is a large part of a layer. States and their merging are those of pages in memory.
struct DiskSplits {
    let pass: AttentionPass
    let tiling: AttentionTiling
    let cache: LayerCache
    let scratch: AttentionWorkspace.Scratch

    func compute(firstState: Int) {
        guard let offload = pass.batch.entries[tiling.index].cache.offload else { return }
        // A copy whose pages lie in this worker's frames.
        var cache = cache
        let clock = ContinuousClock()
        let splits = tiling.splits
        while let index = offload.takeSplit(of: splits.count, layer: pass.layer) {
            let numbers = tiling.pages(ofSplit: splits[index])
            do throws(CacheError) {
                let start = clock.now
                let byteCount = try cache.readStored(
                    numbers, into: scratch.frames, frameByteCount: scratch.frameByteCount)
                offload.note(byteCount: byteCount, clock.now - start)
            } catch {
                offload.fail(error)
                return
            }
            for kvHead in 0..<tiling.kvHeadCount {
                pass.computeSplit(
                    tiling.splitItem(index, kvHead: kvHead), of: tiling, cache, firstState: firstState,
                    scratch)
            }
        }
    }
}
