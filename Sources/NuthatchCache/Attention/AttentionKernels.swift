import CNuthatchKernels

/// The attention kernels of one instruction set. All give equal bits.
package struct AttentionKernels: Sendable {
    // Safe to share: tables are constants of the program.
    nonisolated(unsafe) let table: UnsafePointer<nuthatch_attention_table>

    /// The kernels of the fastest instruction set this CPU has.
    package static var best: AttentionKernels { available[available.count - 1] }

    /// Those this CPU can run, slowest first; never empty, for the scalar ones run anywhere.
    package static var available: [AttentionKernels] {
        var kernels: [AttentionKernels] = []
        while let table = nuthatch_attention_table(kernels.count) {
            kernels.append(AttentionKernels(table: table))
        }
        return kernels
    }

    package var name: String { String(cString: table.pointee.name) }
}
