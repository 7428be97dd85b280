/// A model in GGUF, version 2 or 3, little-endian, memory-mapped: one file, or all those that it was split into.
package final class GGUFFile: Sendable {
    /// 2 or 3.
    package let version: UInt32
    /// What the first file says; the others repeat none of it.
    package let metadata: GGUFMetadata
    /// The files, in order.
    let parts: [GGUFPart]
    let tensors: TensorTables

    /// Maps the file at `path`, and where it is one part of a model all the others, and checks their headers:
    /// everything but the tensors' own bytes.
    ///
    /// - Parameter path: of any part.
    package init(path: String) throws(CheckpointError) {
        let given = try GGUFPart(path: path)
        parts = try GGUFSplit.parts(beside: given)
        tensors = try TensorTables(parts.map(\.tensors))
        version = parts[0].version
        metadata = parts[0].metadata
    }

    /// The first file.
    package var path: String { parts[0].path }

    /// Files that the model lies in.
    package var partPaths: [String] { parts.map(\.path) }
}
