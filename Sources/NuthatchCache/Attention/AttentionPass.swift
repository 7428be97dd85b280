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
        for entry in batch.entries { entry.cache.offload?.wait(forLayer: layer) }
        if SealPass(batch: batch, layer: layer, worker: worker).run() { worker.barrier() }
        guard let scratch = workspace.scratch(of: worker) else { return }
        computeItems(scratch)
        // The same on every worker, for it depends on the batch alone.
        if batch.entries.indices.contains(where: { attention(ofEntry: $0).isSplitwise }) {
            worker.barrier()
            mergeSplits(scratch)
        }
        guard let distant, batch.entries.contains(where: { $0.cache.layerCaches[layer].memory != nil }) else {
            return
        }
        precondition(parameters.memoryGates.count == queryHeadCount, "each query head has a gate")
        worker.barrier()
        MemoryPass(
            batch: batch, rows: distant, output: output, layer: layer, queryHeadCount: queryHeadCount,
            gates: parameters.memoryGates, worker: worker
        ).run()
    }

    private func attention(ofEntry index: Int) -> AttentionTiling {
        batch.attention(ofEntry: index, layer: layer)
    }

    // MARK: Items

    /// Blocks go to whoever is free. Splits, which are few and short, are shared out: each worker has adjacent ones of
    /// about equal cost together, so that it stays with one head's pages.
    private func computeItems(_ scratch: AttentionWorkspace.Scratch) {
        var total = 0
        for index in batch.entries.indices {
            let tiling = attention(ofEntry: index)
            if tiling.isSplitwise, !batch.readsSplitwise(tiling) { tiling.forEachItem { total += $0.cost } }
        }
        var done = 0
        var firstState = 0
        var blockIndex = 0
        var ownBlock = -1
        for index in batch.entries.indices {
            let tiling = attention(ofEntry: index)
            // Once per entry: every copy counts references, and all workers count the same ones.
            let cache = batch.entries[index].cache.layerCaches[layer]
            if batch.readsSplitwise(tiling) {
                DiskSplits(pass: self, tiling: tiling, cache: cache, scratch: scratch).compute(
                    firstState: firstState)
                firstState += tiling.splitStateCount(queryHeadCount: queryHeadCount)
                continue
            }
            tiling.forEachItem { item in
                if tiling.isSplitwise {
                    let middle = done + item.cost / 2
                    done += item.cost
                    guard middle * worker.count / max(total, 1) == worker.index else { return }
                    computeSplit(item, of: tiling, cache, firstState: firstState, scratch)
                } else {
                    if ownBlock < blockIndex { ownBlock = worker.take() }
                    if ownBlock == blockIndex { computeBlock(item, of: tiling, cache, scratch) }
                    blockIndex += 1
                }
            }
            firstState += tiling.splitStateCount(queryHeadCount: queryHeadCount)
        }
    }

    /// A block of queries over all its splits, to the end.
    private func computeBlock(
        _ item: AttentionItem, of tiling: AttentionTiling, _ cache: borrowing LayerCache,
        _ scratch: AttentionWorkspace.Scratch
    ) {
        let dimension = tiling.valueDimension
        let rowCount = item.positions.count * queryHeadsPerKVHead(tiling)
        let stride = workspace.stateStride
        let view = queryView(of: item, tiling, scratch)
        kernels.begin(scratch.states, stride, rowCount, dimension)
        for index in item.splitIndices {
            kernels.begin(scratch.splitStates, stride, rowCount, dimension)
            view.extend(scratch.splitStates, by: item.splits[index], cache)
            kernels.fold(scratch.states, scratch.splitStates, stride, rowCount, dimension)
        }
        finish(scratch.states, positions: item.positions, kvHead: item.kvHead, of: tiling)
    }

    /// A tiling's few queries over one split, left in the workspace.
    func computeSplit(
        _ item: AttentionItem, of tiling: AttentionTiling, _ cache: borrowing LayerCache, firstState: Int,
        _ scratch: AttentionWorkspace.Scratch
    ) {
        let rowCount = item.positions.count * queryHeadsPerKVHead(tiling)
        let index = (item.kvHead * item.splits.count + item.splitIndices.lowerBound) * rowCount
        guard let states = workspace.splitState(firstState + index) else { return }
        kernels.begin(states, workspace.stateStride, rowCount, tiling.valueDimension)
        queryView(of: item, tiling, scratch)
            .extend(states, by: item.splits[item.splitIndices.lowerBound], cache)
    }

    private func queryView(
        of item: AttentionItem, _ tiling: AttentionTiling, _ scratch: AttentionWorkspace.Scratch
    ) -> QueryView {
        QueryView(
            tiling: tiling, item: item, near: queryBlock(queries, of: item, tiling, into: scratch.queries),
            distant: tiling.retention.distantLimit == nil
                ? nil
                : distant.map { queryBlock($0.queries, of: item, tiling, into: scratch.distantQueries) },
            headCount: queryHeadsPerKVHead(tiling), parameters: parameters,
            stateStride: workspace.stateStride,
            kernels: workspace.kernels, scratch: scratch.kernel, worker: worker)
    }

    /// An item's queries, rotated as the keys are.
    private func queryBlock(
        _ rows: Rows, of item: AttentionItem, _ tiling: AttentionTiling,
        into scratch: UnsafeMutablePointer<Float>
    ) -> QueryView.Block {
        let width = queryHeadsPerKVHead(tiling) * tiling.keyDimension
        let start = rows[row(item.positions.lowerBound, of: tiling)] + item.kvHead * width
        guard tiling.rotation.contains(.keys) else {
            return QueryView.Block(base: UnsafePointer(start), stride: rows.stride)
        }
        Hadamard.copy(
            start, stride: rows.stride, count: item.positions.count, width: width,
            dimension: tiling.keyDimension, into: scratch)
        return QueryView.Block(base: UnsafePointer(scratch), stride: width)
    }

    // MARK: Merging

    /// Merges the splits of tilings that were computed split by split, a token of a kv head at a time.
    private func mergeSplits(_ scratch: AttentionWorkspace.Scratch) {
        var firstState = 0
        var index = 0
        for entryIndex in batch.entries.indices {
            let tiling = attention(ofEntry: entryIndex)
            guard tiling.isSplitwise else { continue }
            for kvHead in 0..<tiling.kvHeadCount {
                for position in tiling.positions {
                    if index % worker.count == worker.index {
                        merge(position, kvHead: kvHead, of: tiling, firstState: firstState, scratch)
                    }
                    index += 1
                }
            }
            firstState += tiling.splitStateCount(queryHeadCount: queryHeadCount)
        }
    }

    private func merge(
        _ position: Int, kvHead: Int, of tiling: AttentionTiling, firstState: Int,
        _ scratch: AttentionWorkspace.Scratch
    ) {
        let headCount = queryHeadsPerKVHead(tiling)
        let rowCount = tiling.positions.count * headCount
        let stride = workspace.stateStride
        let splitCount = tiling.splits.count
        kernels.begin(scratch.states, stride, headCount, tiling.valueDimension)
        for split in 0..<splitCount {
            let index =
                (kvHead * splitCount + split) * rowCount + (position - tiling.positions.lowerBound)
                * headCount
            guard let states = workspace.splitState(firstState + index) else { return }
            kernels.fold(scratch.states, states, stride, headCount, tiling.valueDimension)
        }
        finish(scratch.states, positions: position..<position + 1, kvHead: kvHead, of: tiling)
    }

    private func finish(
        _ states: UnsafeMutablePointer<Float>, positions: Range<Int>, kvHead: Int, of tiling: AttentionTiling
    ) {
        let headCount = queryHeadsPerKVHead(tiling)
        let dimension = tiling.valueDimension
        let to = output[row(positions.lowerBound, of: tiling)] + kvHead * headCount * dimension
        kernels.finish(
            states, workspace.stateStride, positions.count, headCount, dimension, to, output.stride)
        guard tiling.rotation.contains(.values) else { return }
        Hadamard.rotate(
            to, stride: output.stride, count: positions.count,
            headCount: headCount * dimension / tiling.rotatedValueDimension,
            dimension: tiling.rotatedValueDimension)
    }

    // MARK: Places

    /// Query heads that share a kv head.
    private func queryHeadsPerKVHead(_ tiling: AttentionTiling) -> Int { queryHeadCount / tiling.kvHeadCount }

    private func row(_ position: Int, of tiling: AttentionTiling) -> Int {
        batch.entries[tiling.index].rows.lowerBound + position - tiling.positions.lowerBound
    }
}
