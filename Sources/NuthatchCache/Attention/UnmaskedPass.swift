import CNuthatchKernels
import NuthatchTensors

/// One worker's part of one layer's attention where every row sees all of a sequence: a decoder's to its source, and an
/// encoder's to the source it belongs to.
///
/// An item is (view, kv head, block of tokens). It walks the sequence's splits in order, as `AttentionTiling` cuts them,
/// so a row's bits depend on its query and the sequence only.
struct UnmaskedPass {
    /// Some rows and what they look at.
    struct View {
        /// Whose cache: that of so many entries before it.
        let index: Int
        /// Tokens that the cache's pages hold, committed or not.
        let tokenCount: Int
        let rows: Range<Int>
        /// Where the first row stands among those tokens, or behind them.
        let firstPosition: Int
    }

    /// The caches of a pass's entries, which the views of a workspace name by number: what is kept from pass to pass keeps
    /// no pages.
    enum Caches {
        case own([CacheBatch.Entry])
        case sources([CrossBatch.Entry])

        /// Nil only for a source that is no more, which the entries of a pass don't have.
        subscript(view: View) -> SequenceCache? {
            switch self {
            case .own(let entries): entries[view.index].cache
            case .sources(let entries): entries[view.index].cache.sourceContents
            }
        }
    }

    /// Tokens whose rows read a page as one; see `AttentionTiling.blockLength`.
    static let blockLength = 32

    let views: [View]
    let caches: Caches
    let workspace: AttentionWorkspace
    let queries: Rows
    let output: Rows
    let layer: Int
    let queryHeadCount: Int
    let parameters: AttentionParameters
    let worker: Worker

    private var kernels: nuthatch_attention_table { workspace.kernels.table.pointee }

    private struct Item {
        let cache: SequenceCache
        let view: View
        let rows: Range<Int>
        let kvHead: Int

        var cost: Int { (view.tokenCount / cache.configuration.pageLength + 1) * (rows.count + 2) }
    }

    func run() {
        guard let scratch = workspace.scratch(of: worker) else { return }
        var total = 0
        forEachItem { total += $0.cost }
        var done = 0
        forEachItem { item in
            let middle = done + item.cost / 2
            done += item.cost
            guard middle * worker.count / max(total, 1) == worker.index else { return }
            compute(item, scratch)
        }
    }

    private func forEachItem(_ body: (Item) -> Void) {
        for view in views {
            guard let cache = caches[view] else { continue }
            let rows = view.rows
            for kvHead in 0..<cache.plan.layers[layer].geometry.kvHeadCount {
                for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockLength) {
                    let end = min(start + Self.blockLength, rows.upperBound)
                    body(Item(cache: cache, view: view, rows: start..<end, kvHead: kvHead))
                }
            }
        }
    }

    private func compute(_ item: Item, _ scratch: AttentionWorkspace.Scratch) {
        let cache = item.cache.layerCaches[layer]
        let geometry = cache.plan.geometry
        let headCount = queryHeadCount / geometry.kvHeadCount
        let rowCount = item.rows.count * headCount
        let stateStride = workspace.stateStride
        var rows = visible(item, cache.plan, headCount: headCount, scratch)
        kernels.begin(scratch.states, stateStride, rowCount, geometry.valueDimension)
        let pageCount = max(cache.open.end, cache.sealed.end)
        let splitPageCount = AttentionTiling.splitPageCount(pageLength: cache.plan.openLayout.pageLength)
        for start in stride(from: 0, to: pageCount, by: splitPageCount) {
            let pages = start..<min(start + splitPageCount, pageCount)
            kernels.begin(scratch.splitStates, stateStride, rowCount, geometry.valueDimension)
            cache.sealed.show(
                pages, cache.plan.sealedLayout, kvHead: item.kvHead, to: &rows, kernels: workspace.kernels,
                scratch: scratch.kernel, on: worker)
            cache.open.show(
                pages, cache.plan.openLayout, kvHead: item.kvHead, to: &rows, kernels: workspace.kernels,
                scratch: scratch.kernel, on: worker)
            kernels.fold(
                scratch.states, scratch.splitStates, stateStride, rowCount, geometry.valueDimension)
        }
        finish(item, cache.plan, headCount: headCount, scratch.states)
    }

    /// The item's queries, which see all there is: what is behind them, and as many beyond.
    private func visible(
        _ item: Item, _ plan: LayerPlan, headCount: Int, _ scratch: AttentionWorkspace.Scratch
    ) -> nuthatch_attention_rows {
        let dimension = plan.geometry.keyDimension
        let width = headCount * dimension
        var base = queries[item.rows.lowerBound] + item.kvHead * width
        var stride = queries.stride
        if plan.rotation.contains(.keys) {
            Hadamard.copy(
                base, stride: stride, count: item.rows.count, width: width, dimension: dimension,
                into: scratch.queries)
            base = scratch.queries
            stride = width
        }
        let tokenCount = Int64(item.view.tokenCount)
        let position = item.view.firstPosition + item.rows.lowerBound - item.view.rows.lowerBound
        return nuthatch_attention_rows(
            queries: base, query_stride: stride, token_count: item.rows.count, head_count: headCount,
            first_position: Int64(position), window: Int64(CacheLimits.tokenCount), segment: 0, start: 0,
            end: tokenCount, lag: -tokenCount, scale: parameters.scale,
            softcap: parameters.logitSoftcap ?? 0, bias: parameters.bias(fromHead: item.kvHead * headCount),
            states: scratch.splitStates, state_stride: workspace.stateStride)
    }

    private func finish(
        _ item: Item, _ plan: LayerPlan, headCount: Int, _ states: UnsafeMutablePointer<Float>
    ) {
        let dimension = plan.geometry.valueDimension
        let to = output[item.rows.lowerBound] + item.kvHead * headCount * dimension
        kernels.finish(
            states, workspace.stateStride, item.rows.count, headCount, dimension, to, output.stride)
        guard plan.rotation.contains(.values) else { return }
        Hadamard.rotate(
            to, stride: output.stride, count: item.rows.count,
            headCount: headCount * dimension / plan.rotatedValueDimension,
            dimension: plan.rotatedValueDimension)
    }

    // MARK: Scratch

    /// What the rows of some views ask of a workspace.
    static func demand(
        _ views: [View], of caches: Caches, _ workspace: AttentionWorkspace, workerCount: Int
    ) -> AttentionWorkspace.Demand {
        var demand = AttentionWorkspace.Demand()
        demand.workerCount = workerCount
        for view in views {
            for plan in caches[view]?.plan.layers ?? [] {
                let kvHeadCount = plan.geometry.kvHeadCount
                let headCount = (workspace.queryHeadCount + kvHeadCount - 1) / kvHeadCount
                demand.add(plan, blockStateCount: min(view.rows.count, blockLength) * headCount)
            }
        }
        return demand
    }
}
