import CNuthatchKernels
import NuthatchTensors

/// The queries of one item of work, and the pages they see.
///
/// A query sees two stretches of its sequence: the sinks, where there are any and its window has passed them, and
/// its window (or full history). Pages lie in up to three lists, and those that are coded exist in two forms; which
/// one a query reads depends on its position alone (`KeptPages`).
struct QueryView {
    /// [token][head][keyDimension], `stride` floats from token to token.
    struct Block {
        let base: UnsafePointer<Float>
        let stride: Int
    }

    let tiling: AttentionTiling
    let item: AttentionItem
    let near: Block
    /// What looks at the sinks, where that is not the same.
    let distant: Block?
    /// Query heads per kv head.
    let headCount: Int
    let parameters: AttentionParameters
    let stateStride: Int
    let kernels: AttentionKernels
    let scratch: UnsafeMutablePointer<Float>
    let worker: Worker

    /// Shows the queries the pages of one split.
    func extend(_ states: UnsafeMutablePointer<Float>, by split: Int, _ cache: borrowing LayerCache) {
        let pages = tiling.pages(ofSplit: split)
        tiling.forEachPiece(of: item.positions) { positions in
            let offset = positions.lowerBound - item.positions.lowerBound
            let states = states + offset * headCount * stateStride
            let sinks = tiling.sinkPages(for: positions).clamped(to: pages)
            if !sinks.isEmpty {
                var rows = rows(positions, distant ?? near, states)
                // Exactly those that the window does not show.
                rows.end = Int64(tiling.retention.sinkCount)
                rows.lag = Int64(tiling.retention.windowLength ?? 0)
                show(sinks, to: &rows, cache)
            }
            let window = tiling.windowPages(for: positions).clamped(to: pages)
            var rows = rows(positions, near, states)
            switch tiling.retention {
            case .full: break
            case .window(let length), .sinks(_, let length, _): rows.window = Int64(length)
            case .compressive(let segmentLength, _): rows.segment = Int64(segmentLength)
            }
            show(window, to: &rows, cache)
        }
    }

    private func rows(
        _ positions: Range<Int>, _ block: Block, _ states: UnsafeMutablePointer<Float>
    ) -> nuthatch_attention_rows {
        let everything = Int64(CacheLimits.tokenCount)
        return nuthatch_attention_rows(
            queries: block.base + (positions.lowerBound - item.positions.lowerBound) * block.stride,
            query_stride: block.stride, token_count: positions.count, head_count: headCount,
            first_position: Int64(positions.lowerBound), window: everything, segment: 0, start: 0,
            end: everything, lag: 0, scale: parameters.scale, softcap: parameters.logitSoftcap ?? 0,
            bias: parameters.bias(fromHead: item.kvHead * headCount), states: states,
            state_stride: stateStride)
    }

    /// Shows pages in the order of their numbers, each from the list that has it in the form wanted.
    private func show(
        _ pages: Range<Int>, to rows: inout nuthatch_attention_rows, _ cache: borrowing LayerCache
    ) {
        let sealedEnd = tiling.sealedEnd(queryPage: Int(rows.first_position) / tiling.pageLength)
        let sealed = pages.clamped(to: 0..<sealedEnd)
        let open = tiling.kept.sealing == .coding ? pages.clamped(to: sealedEnd..<Int.max) : pages
        let start = rows.start
        if let exactSinks = cache.plan.exactSinks, sealed.contains(0),
            let address = cache.sinks.address(of: 0) ?? cache.sealed.address(of: 0)
        {
            show(exactSinks, at: address, to: rows)
            rows.start = max(start, Int64(exactSinks.count))
        }
        show(sealed, of: cache.sinks, cache.plan.sealedLayout, to: &rows)
        show(sealed, of: cache.sealed, cache.plan.sealedLayout, to: &rows)
        rows.start = start
        show(open, of: cache.open, cache.plan.openLayout, to: &rows)
    }

    /// Shows the first tokens as they are beside the codes of page 0.
    private func show(
        _ sinks: ExactSinks, at address: UnsafeRawPointer, to rows: nuthatch_attention_rows
    ) {
        var rows = rows
        rows.end = min(rows.end, Int64(sinks.count))
        withUnsafePointer(to: address) { address in
            let pages = nuthatch_attention_pages(
                pages: address, page_count: 1, listed_count: 1, first_position: 0,
                plane: sinks.plane(kvHead: item.kvHead))
            kernels.extend(rows, pages, headByteCount: sinks.layout.headByteCount, scratch, on: worker)
        }
    }

    private func show(
        _ wanted: Range<Int>, of pageRun: borrowing PageList, _ layout: PageLayout,
        to rows: inout nuthatch_attention_rows
    ) {
        pageRun.show(
            wanted, layout, kvHead: item.kvHead, to: &rows, kernels: kernels, scratch: scratch, on: worker)
    }
}

extension PageList {
    /// Lets rows see those of the pages wanted that are among these.
    func show(
        _ wanted: Range<Int>, _ layout: PageLayout, kvHead: Int, to rows: inout nuthatch_attention_rows,
        kernels: AttentionKernels, scratch: UnsafeMutablePointer<Float>, on worker: Worker
    ) {
        let numbers = wanted.clamped(to: self.numbers)
        guard !numbers.isEmpty else { return }
        let first = numbers.lowerBound - self.first
        addresses.withUnsafeBufferPointer { addresses in
            guard let base = addresses.baseAddress else { return }
            let pages = nuthatch_attention_pages(
                pages: base + first, page_count: numbers.count, listed_count: addresses.count - first,
                first_position: Int64(numbers.lowerBound * layout.pageLength),
                plane: layout.plane(kvHead: kvHead))
            kernels.extend(rows, pages, headByteCount: layout.headByteCount, scratch, on: worker)
        }
    }
}
