import CNuthatchKernels
import NuthatchTensors

/// One worker's part of one layer's attention.
struct AttentionPass {
    let batch: CacheBatch
    let queries: Rows
    let output: Rows
    let layer: Int
    let queryHeadCount: Int
    let parameters: AttentionParameters
    let worker: Worker

    private var workspace: AttentionWorkspace { batch.workspace }
    private var kernels: nuthatch_attention_table { workspace.kernels.table.pointee }

    func run() {
        guard let scratch = workspace.scratch(of: worker) else { return }
        computeItems(scratch)
        // The same on every worker, for it depends on the batch alone.
        guard batch.runs.indices.contains(where: { attention(ofRun: $0).isSplitwise }) else { return }
        worker.barrier()
        mergeSplits(scratch)
    }

    private func attention(ofRun index: Int) -> AttentionRun { batch.attention(ofRun: index, layer: layer) }

    // MARK: Items

    /// Each worker takes adjacent items of about equal cost together, so that it stays with one head's pages.
    private func computeItems(_ scratch: AttentionWorkspace.Scratch) {
        var total = 0
        for index in batch.runs.indices { attention(ofRun: index).forEachItem { total += $0.cost } }
        var done = 0
        var firstState = 0
        for index in batch.runs.indices {
            let run = attention(ofRun: index)
            // Once per run: every copy counts references, and all workers count the same ones.
            let cache = batch.runs[index].cache.layerCaches[layer]
            run.forEachItem { item in
                let middle = done + item.cost / 2
                done += item.cost
                guard middle * worker.count / max(total, 1) == worker.index else { return }
                if run.isSplitwise {
                    computeSplit(item, of: run, cache, firstState: firstState, scratch)
                } else {
                    computeBlock(item, of: run, cache, scratch)
                }
            }
            firstState += run.splitStateCount(queryHeadCount: queryHeadCount)
        }
    }

    /// A block of queries over all its splits, to the end.
    private func computeBlock(
        _ item: AttentionItem, of run: AttentionRun, _ cache: borrowing LayerCache,
        _ scratch: AttentionWorkspace.Scratch
    ) {
        let plane = cache.layout.plane(kvHead: item.kvHead)
        let rowCount = item.positions.count * groupLength(run)
        let stride = workspace.stateStride
        kernels.begin(scratch.states, stride, rowCount, plane.value_dimension)
        for split in item.splits {
            kernels.begin(scratch.splitStates, stride, rowCount, plane.value_dimension)
            extend(scratch.splitStates, by: split, item, of: run, cache, plane, scratch)
            kernels.fold(scratch.states, scratch.splitStates, stride, rowCount, plane.value_dimension)
        }
        finish(scratch.states, positions: item.positions, kvHead: item.kvHead, of: run, plane)
    }

    /// A run's few queries over one split, left in the workspace.
    private func computeSplit(
        _ item: AttentionItem, of run: AttentionRun, _ cache: borrowing LayerCache, firstState: Int,
        _ scratch: AttentionWorkspace.Scratch
    ) {
        let plane = cache.layout.plane(kvHead: item.kvHead)
        let split = item.splits.lowerBound
        let rowCount = item.positions.count * groupLength(run)
        let index = (item.kvHead * run.splits.count + split - run.splits.lowerBound) * rowCount
        guard let states = workspace.splitState(firstState + index) else { return }
        kernels.begin(states, workspace.stateStride, rowCount, plane.value_dimension)
        extend(states, by: split, item, of: run, cache, plane, scratch)
    }

    /// Shows the queries of an item the pages of one split.
    private func extend(
        _ states: UnsafeMutablePointer<Float>, by split: Int, _ item: AttentionItem, of run: AttentionRun,
        _ cache: borrowing LayerCache, _ plane: nuthatch_head_plane, _ scratch: AttentionWorkspace.Scratch
    ) {
        let wanted = run.pages(ofSplit: split, for: item.positions)
        let group = groupLength(run)
        var rows = nuthatch_attention_rows(
            queries: queries[row(item.positions.lowerBound, of: run)] + item.kvHead * group
                * plane.key_dimension,
            query_stride: queries.stride, token_count: item.positions.count, head_count: group,
            first_position: Int64(item.positions.lowerBound), window: run.retention.visibleCount,
            scale: parameters.scale, softcap: parameters.logitSoftcap ?? 0, states: states,
            state_stride: workspace.stateStride)
        let first = wanted.lowerBound - cache.firstPage
        cache.addresses.withUnsafeBufferPointer { addresses in
            guard let base = addresses.baseAddress else { return }
            let following = min(first + wanted.count, addresses.count - 1)
            var pages = nuthatch_attention_pages(
                pages: base + first, page_count: wanted.count,
                following: addresses[following],
                first_position: Int64(wanted.lowerBound * run.pageLength), plane: plane)
            kernels.extend(&rows, &pages, scratch.kernel)
        }
    }

    // MARK: Merging

    /// Merges the splits of runs that were computed split by split, a token of a kv head at a time.
    private func mergeSplits(_ scratch: AttentionWorkspace.Scratch) {
        var firstState = 0
        var index = 0
        for runIndex in batch.runs.indices {
            let run = attention(ofRun: runIndex)
            guard run.isSplitwise else { continue }
            for kvHead in 0..<run.kvHeadCount {
                for position in run.positions {
                    if index % worker.count == worker.index {
                        merge(position, kvHead: kvHead, of: run, firstState: firstState, scratch)
                    }
                    index += 1
                }
            }
            firstState += run.splitStateCount(queryHeadCount: queryHeadCount)
        }
    }

    private func merge(
        _ position: Int, kvHead: Int, of run: AttentionRun, firstState: Int,
        _ scratch: AttentionWorkspace.Scratch
    ) {
        let plane = batch.runs[run.index].cache.layerCaches[layer].layout.plane(kvHead: kvHead)
        let group = groupLength(run)
        let rowCount = run.positions.count * group
        let stride = workspace.stateStride
        kernels.begin(scratch.states, stride, group, plane.value_dimension)
        for split in 0..<run.splits.count {
            let index =
                (kvHead * run.splits.count + split) * rowCount + (position - run.positions.lowerBound) * group
            guard let states = workspace.splitState(firstState + index) else { return }
            kernels.fold(scratch.states, states, stride, group, plane.value_dimension)
        }
        finish(scratch.states, positions: position..<position + 1, kvHead: kvHead, of: run, plane)
    }

    private func finish(
        _ states: UnsafeMutablePointer<Float>, positions: Range<Int>, kvHead: Int, of run: AttentionRun,
        _ plane: nuthatch_head_plane
    ) {
        let group = groupLength(run)
        let to = output[row(positions.lowerBound, of: run)] + kvHead * group * plane.value_dimension
        kernels.finish(
            states, workspace.stateStride, positions.count, group, plane.value_dimension, to, output.stride)
    }

    // MARK: Places

    /// Query heads that share a kv head.
    private func groupLength(_ run: AttentionRun) -> Int { queryHeadCount / run.kvHeadCount }

    private func row(_ position: Int, of run: AttentionRun) -> Int {
        batch.runs[run.index].rows.lowerBound + position - run.positions.lowerBound
    }
}
