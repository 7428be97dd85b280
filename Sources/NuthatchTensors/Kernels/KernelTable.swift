package import CNuthatchKernels

/// The kernels of one instruction set, chosen once from what the CPU has.
///
/// Every table computes every element by the same operations in the same order, so a model's answers are equal
/// bit for bit whichever is used; the choice is one of speed.
package struct KernelTable: Sendable, Equatable {
    /// Points to a constant of the C room, never freed or written.
    package nonisolated(unsafe) let functions: UnsafePointer<nuthatch_kernel_table>

    /// The tables this CPU and system can run, slowest first; the scalar one is always there.
    package static var available: [KernelTable] {
        var tables: [KernelTable] = []
        while let functions = nuthatch_kernel_table(tables.count) {
            tables.append(KernelTable(functions: functions))
        }
        return tables
    }

    /// The fastest of them.
    package static var best: KernelTable {
        let tables = available
        return tables[tables.count - 1]
    }

    /// The available table of that name, or nil.
    package static func named(_ name: String) -> KernelTable? {
        available.first { $0.name == name }
    }

    /// `scalar`, `avx2`, `avx512`, ...
    package var name: String { String(cString: functions.pointee.name) }

    /// What of the CPU the table uses, for people to read.
    package var features: [String] {
        String(cString: functions.pointee.features).split(separator: ",").map { feature in
            String(feature.drop { $0 == " " })
        }
    }
}
