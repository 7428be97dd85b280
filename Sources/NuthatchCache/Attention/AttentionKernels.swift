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
}
