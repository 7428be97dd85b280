import CNuthatchKernels
import NuthatchTensors

/// One worker's part of one layer's attention.
struct AttentionPass {
    let batch: CacheBatch
    let queries: Rows
    /// Queries and keys from where they look beyond their window; nil where that makes no difference.
    let distant: DistantRows?
    let output: Rows
    let layer: Int
    let queryHeadCount: Int
    let parameters: AttentionParameters
    let worker: Worker

    var workspace: AttentionWorkspace { batch.workspace }
    private var kernels: nuthatch_attention_table { workspace.kernels.table.pointee }

    func run() {
        for run in batch.runs { run.cache.offload?.wait(forLayer: layer) }
        if SealPass(batch: batch, layer: layer, worker: worker).run() { worker.barrier() }
        guard let scratch = workspace.scratch(of: worker) else { return }
        computeItems(scratch)
        // The same on every worker, for it depends on the batch alone.
        if batch.runs.indices.contains(where: { attention(ofRun: $0).isSplitwise }) {
            worker.barrier()
            mergeSplits(scratch)
        }
        guard let distant, batch.runs.contains(where: { $0.cache.layerCaches[layer].memory != nil }) else {
            return
        }
        precondition(parameters.memoryGates.count == queryHeadCount, "each query head has a gate")
        worker.barrier()
        MemoryPass(
            batch: batch, rows: distant, output: output, layer: layer, queryHeadCount: queryHeadCount,
            gates: parameters.memoryGates, worker: worker
        ).run()
    }

    private func attention(ofRun index: Int) -> AttentionRun { batch.attention(ofRun: index, layer: layer) }

    // MARK: Items

    /// Blocks go to whoever is free. Splits, which are few and short, are shared out: each worker has adjacent ones of
    /// about equal cost together, so that it stays with one head's pages.
    private func computeItems(_ scratch: AttentionWorkspace.Scratch) {
        var total = 0
        for index in batch.runs.indices {
            let run = attention(ofRun: index)
            if run.isSplitwise, !batch.readsSplitwise(run) { run.forEachItem { total += $0.cost } }
        }
        var done = 0
        var firstState = 0
        var blockIndex = 0
        var ownBlock = -1
        for index in batch.runs.indices {
            let run = attention(ofRun: index)
            // Once per run: every copy counts references, and all workers count the same ones.
            let cache = batch.runs[index].cache.layerCaches[layer]
            if batch.readsSplitwise(run) {
                DiskSplits(pass: self, run: run, cache: cache, scratch: scratch).compute(
                    firstState: firstState)
                firstState += run.splitStateCount(queryHeadCount: queryHeadCount)
                continue
            }
            run.forEachItem { item in
                if run.isSplitwise {
                    let middle = done + item.cost / 2
                    done += item.cost
                    guard middle * worker.count / max(total, 1) == worker.index else { return }
                    computeSplit(item, of: run, cache, firstState: firstState, scratch)
                } else {
                    if ownBlock < blockIndex { ownBlock = worker.take() }
                    if ownBlock == blockIndex { computeBlock(item, of: run, cache, scratch) }
                    blockIndex += 1
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
        let dimension = run.valueDimension
        let rowCount = item.positions.count * groupLength(run)
        let stride = workspace.stateStride
        let view = queryView(of: item, run, scratch)
        kernels.begin(scratch.states, stride, rowCount, dimension)
        for index in item.splitIndices {
            kernels.begin(scratch.splitStates, stride, rowCount, dimension)
            view.extend(scratch.splitStates, by: item.splits[index], cache)
            kernels.fold(scratch.states, scratch.splitStates, stride, rowCount, dimension)
        }
        finish(scratch.states, positions: item.positions, kvHead: item.kvHead, of: run)
    }

    /// A run's few queries over one split, left in the workspace.
    func computeSplit(
        _ item: AttentionItem, of run: AttentionRun, _ cache: borrowing LayerCache, firstState: Int,
        _ scratch: AttentionWorkspace.Scratch
    ) {
        let rowCount = item.positions.count * groupLength(run)
        let index = (item.kvHead * item.splits.count + item.splitIndices.lowerBound) * rowCount
        guard let states = workspace.splitState(firstState + index) else { return }
        kernels.begin(states, workspace.stateStride, rowCount, run.valueDimension)
        queryView(of: item, run, scratch)
            .extend(states, by: item.splits[item.splitIndices.lowerBound], cache)
    }

    private func queryView(
        of item: AttentionItem, _ run: AttentionRun, _ scratch: AttentionWorkspace.Scratch
    ) -> QueryView {
        QueryView(
            run: run, item: item, near: queryBlock(queries, of: item, run, into: scratch.queries),
            distant: run.retention.distantLimit == nil
                ? nil : distant.map { queryBlock($0.queries, of: item, run, into: scratch.distantQueries) },
            headCount: groupLength(run), parameters: parameters, stateStride: workspace.stateStride,
            kernels: workspace.kernels, scratch: scratch.kernel)
    }

    /// An item's queries, rotated as the keys are.
    private func queryBlock(
        _ rows: Rows, of item: AttentionItem, _ run: AttentionRun, into scratch: UnsafeMutablePointer<Float>
    ) -> QueryView.Block {
        let width = groupLength(run) * run.keyDimension
        let start = rows[row(item.positions.lowerBound, of: run)] + item.kvHead * width
        guard run.rotation.contains(.keys) else {
            return QueryView.Block(base: UnsafePointer(start), stride: rows.stride)
        }
        Hadamard.copy(
            start, stride: rows.stride, count: item.positions.count, width: width,
            dimension: run.keyDimension, into: scratch)
        return QueryView.Block(base: UnsafePointer(scratch), stride: width)
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
        let group = groupLength(run)
        let rowCount = run.positions.count * group
        let stride = workspace.stateStride
        let splitCount = run.splits.count
        kernels.begin(scratch.states, stride, group, run.valueDimension)
        for split in 0..<splitCount {
            let index =
                (kvHead * splitCount + split) * rowCount + (position - run.positions.lowerBound) * group
            guard let states = workspace.splitState(firstState + index) else { return }
            kernels.fold(scratch.states, states, stride, group, run.valueDimension)
        }
        finish(scratch.states, positions: position..<position + 1, kvHead: kvHead, of: run)
    }

    private func finish(
        _ states: UnsafeMutablePointer<Float>, positions: Range<Int>, kvHead: Int, of run: AttentionRun
    ) {
        let group = groupLength(run)
        let dimension = run.valueDimension
        let to = output[row(positions.lowerBound, of: run)] + kvHead * group * dimension
        kernels.finish(
            states, workspace.stateStride, positions.count, group, dimension, to, output.stride)
        guard run.rotation.contains(.values) else { return }
        Hadamard.rotate(
            to, stride: output.stride, count: positions.count,
            headCount: group * dimension / run.rotatedValueDimension, dimension: run.rotatedValueDimension)
    }

    // MARK: Places

    /// Query heads that share a kv head.
    private func groupLength(_ run: AttentionRun) -> Int { queryHeadCount / run.kvHeadCount }

    private func row(_ position: Int, of run: AttentionRun) -> Int {
        batch.runs[run.index].rows.lowerBound + position - run.positions.lowerBound
    }
}
