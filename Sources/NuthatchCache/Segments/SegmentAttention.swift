import CNuthatchKernels
package import NuthatchTensors

/// Attention in which every row of a segment sees every other: what encoders of images do.
///
/// Nothing is kept: a layer's keys and values are written, attended to, and written over by the next layer's. They lie
/// in pages of the cache's own layout, in float32, so the kernels are those of decoders; only what a query sees differs.
/// A row's output depends on its own segment alone.
///
/// Every worker calls the same verbs in the same order; between `write` and `attend`, and between `attend` and the next
/// `write`, is a barrier of the caller's.
package final class SegmentAttention {
    /// The rows, cut into segments in several ways; layers choose one.
    private let layouts: [SegmentLayout]
    private let headCount: Int
    private let dimension: Int
    private let pageLayout: PageLayout
    private let workspace: AttentionWorkspace
    private let pages: AlignedBuffer
    /// Where the pages begin, for as many as the finest cut has.
    private let addresses: [UnsafeRawPointer]

    /// - Parameters:
    ///   - cuts: of each, its segments: adjacent, from row 0 on, together all rows.
    ///   - headCount: of queries and as many of keys and values.
    /// - Throws: `CacheError.outOfMemory`.
    package init(
        cuts: [[Range<Int>]], headCount: Int, dimension: Int, workerCount: Int,
        kernels: AttentionKernels = .best
    ) throws(CacheError) {
        layouts = cuts.map(SegmentLayout.init)
        self.headCount = headCount
        self.dimension = dimension
        pageLayout = PageLayout(
            LayerGeometry(
                kvHeadCount: headCount, keyDimension: dimension, valueDimension: dimension, retention: .full),
            keyStorage: .exact(.f32), valueStorage: .exact(.f32), pageLength: SegmentLayout.pageLength)
        let pageCount = layouts.map(\.pages.count).max() ?? 0
        let (byteCount, overflow) = pageCount.multipliedReportingOverflow(by: pageLayout.byteCount)
        do {
            pages = try AlignedBuffer(
                byteCount: overflow ? .max : byteCount, purpose: "an image's keys and values")
        } catch {
            throw .outOfMemory(byteCount: overflow ? .max : byteCount, inUse: 0, budget: nil)
        }
        let base = UnsafeRawPointer(pages.base)
        let pageByteCount = pageLayout.byteCount
        addresses = (0..<pageCount).map { base + $0 * pageByteCount }
        workspace = AttentionWorkspace(queryHeadCount: headCount, kernels: kernels)
        var demand = AttentionWorkspace.Demand()
        demand.workerCount = workerCount
        demand.addBlock(of: SegmentLayout.blockLength, pageLayout.plane(kvHead: 0))
        try workspace.prepare(demand)
    }

    /// Bytes of the pages and the scratch.
    package var byteCount: Int { pages.byteCount + workspace.byteCount }

    /// Writes keys and values ([row, head * dimension]) of some rows, the first of which is `firstRow`, where a cut's
    /// segments want them.
    package func write(keys: Rows, values: Rows, firstRow: Int, cut: Int, on worker: Worker) {
        let layout = layouts[cut]
        let rows = firstRow..<firstRow + keys.rowCount
        let wanted = layout.pages(of: rows)
        for index in worker.share(of: wanted.count) {
            let page = wanted.lowerBound + index
            let own = layout.pages[page].clamped(to: rows)
            let slot = own.lowerBound - layout.pages[page].lowerBound
            let address = pages.base + page * pageLayout.byteCount
            for head in 0..<headCount {
                var plane = pageLayout.plane(kvHead: head)
                let table = workspace.kernels.table.pointee
                _ = table.write_keys(
                    keys[own.lowerBound - firstRow] + head * dimension, keys.stride, own.count, address, slot,
                    &plane)
                _ = table.write_values(
                    values[own.lowerBound - firstRow] + head * dimension, values.stride, own.count, address,
                    slot, &plane)
            }
        }
    }

    /// Attention of each row's queries ([row, head * dimension]) over its segment, scores multiplied by `scale`. Whoever
    /// is free takes the next block of a head, so `output` may be `queries`: each element is read and written by one
    /// worker, and written last.
    package func attend(_ queries: Rows, scale: Float, cut: Int, into output: Rows, on worker: Worker) {
        guard let scratch = workspace.scratch(of: worker) else { return }
        let layout = layouts[cut]
        while true {
            // Blocks of one head follow each other, so that its pages stay close at hand.
            let item = worker.take()
            guard item < layout.blocks.count * headCount else { return }
            attend(
                layout.blocks[item % layout.blocks.count], head: item / layout.blocks.count, of: layout,
                queries,
                scale: scale, into: output, scratch, on: worker)
        }
    }

    private func attend(
        _ block: SegmentLayout.Block, head: Int, of layout: SegmentLayout, _ queries: Rows, scale: Float,
        into output: Rows, _ scratch: AttentionWorkspace.Scratch, on worker: Worker
    ) {
        let table = workspace.kernels.table.pointee
        let stride = workspace.stateStride
        let pages = layout.segmentPages[block.segment]
        let tokenCount = Int64(layout.segments[block.segment].count)
        // Queries stand behind their segment and see all of it.
        let rows = nuthatch_attention_rows(
            queries: queries[block.rows.lowerBound] + head * dimension, query_stride: queries.stride,
            token_count: block.rows.count, head_count: 1, first_position: tokenCount,
            window: Int64(CacheLimits.tokenCount), segment: 0, start: 0, end: tokenCount, lag: 0,
            scale: scale,
            softcap: 0, bias: nuthatch_distance_bias(), states: scratch.splitStates, state_stride: stride)
        table.begin(scratch.states, stride, block.rows.count, dimension)
        let splitPageCount = AttentionTiling.splitPageCount(pageLength: SegmentLayout.pageLength)
        for start in Swift.stride(from: pages.lowerBound, to: pages.upperBound, by: splitPageCount) {
            let end = min(start + splitPageCount, pages.upperBound)
            table.begin(scratch.splitStates, stride, block.rows.count, dimension)
            addresses.withUnsafeBufferPointer { addresses in
                guard let base = addresses.baseAddress else { return }
                let seen = nuthatch_attention_pages(
                    pages: base + start, page_count: end - start,
                    listed_count: addresses.count - start,
                    first_position: Int64((start - pages.lowerBound) * SegmentLayout.pageLength),
                    plane: pageLayout.plane(kvHead: head))
                workspace.kernels.extend(
                    rows, seen, headByteCount: pageLayout.headByteCount, scratch.kernel, on: worker)
            }
            table.fold(scratch.states, scratch.splitStates, stride, block.rows.count, dimension)
        }
        table.finish(
            scratch.states, stride, block.rows.count, 1, dimension,
            output[block.rows.lowerBound] + head * dimension, output.stride)
    }
}
