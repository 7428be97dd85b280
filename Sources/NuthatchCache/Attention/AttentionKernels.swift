package import CNuthatchKernels
package import NuthatchTensors

/// The attention kernels of one instruction set. All give equal bits; the choice is one of speed.
package struct AttentionKernels: Sendable {
    // Safe to share: it points to a constant of the C room.
    package nonisolated(unsafe) let table: UnsafePointer<nuthatch_attention_table>

    /// The attention kernels that go with a kernel table.
    package init?(_ kernels: KernelTable) {
        guard let table = nuthatch_attention_table(kernels.name) else { return nil }
        self.table = table
    }

    /// Kernels this CPU can run, each once, slowest first; the scalar ones are always there.
    package static var available: [AttentionKernels] {
        KernelTable.available.reduce(into: []) { kernels, table in
            guard let next = AttentionKernels(table), next.name != kernels.last?.name else { return }
            kernels.append(next)
        }
    }

    /// The fastest of them.
    package static var best: AttentionKernels {
        let kernels = available
        return kernels[kernels.count - 1]
    }

    package var name: String { String(cString: table.pointee.name) }

    /// Shows pages to rows, and counts what they see of them.
    ///
    /// - Parameter headByteCount: bytes of one head's part of a page.
    func extend(
        _ rows: nuthatch_attention_rows, _ pages: nuthatch_attention_pages, headByteCount: Int,
        _ scratch: UnsafeMutablePointer<Float>, on worker: Worker
    ) {
        let seen = rows.seen(of: pages)
        let width = pages.plane.key_dimension + pages.plane.value_dimension
        worker.countAttention(
            multiplyAdds: seen.pairCount * rows.head_count * width,
            readByteCount: seen.positionCount * headByteCount / pages.plane.page_length)
        var (rows, pages) = (rows, pages)
        table.pointee.extend(&rows, &pages, scratch)
    }
}

extension nuthatch_attention_rows {
    /// The positions of some pages that tokens see: pairs of one with a token, and how many some token sees.
    func seen(of pages: nuthatch_attention_pages) -> (pairCount: Int, positionCount: Int) {
        let pageEnd = pages.first_position + Int64(pages.page_count * pages.plane.page_length)
        let (lowest, highest) = (max(start, pages.first_position), min(end, pageEnd))
        var pairCount: Int64 = 0
        var (first, last) = (highest, lowest)
        for position in first_position..<first_position + Int64(token_count) {
            var lower = max(lowest, position - window + 1)
            if segment > 0 { lower = max(lower, position / segment * segment) }
            let upper = min(highest, position - lag + 1)
            guard lower < upper else { continue }
            pairCount += upper - lower
            (first, last) = (min(first, lower), max(last, upper))
        }
        return (Int(pairCount), Int(max(0, last - first)))
    }
}
