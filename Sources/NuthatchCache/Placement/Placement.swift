/// Where sealed pages live.
package enum Placement: Sendable, Hashable {
    case memory
    /// In a file in this directory; only the layer in use and the next one are in memory.
    case disk(directory: String)

    package var isDisk: Bool { self != .memory }
}
