import CNuthatchKernels

extension PageRun {
    /// Lets rows see those of the pages wanted that are among these.
    func show(
        _ wanted: Range<Int>, _ layout: PageLayout, kvHead: Int, to rows: inout nuthatch_attention_rows,
        kernels: AttentionKernels, scratch: UnsafeMutablePointer<Float>
    ) {
        let numbers = wanted.clamped(to: self.numbers)
        guard !numbers.isEmpty else { return }
        let first = numbers.lowerBound - self.first
        addresses.withUnsafeBufferPointer { addresses in
            guard let base = addresses.baseAddress else { return }
            var pages = nuthatch_attention_pages(
                pages: base + first, page_count: numbers.count, listed_count: addresses.count - first,
                first_position: Int64(numbers.lowerBound * layout.pageLength),
                plane: layout.plane(kvHead: kvHead))
            kernels.table.pointee.extend(&rows, &pages, scratch)
        }
    }
}
