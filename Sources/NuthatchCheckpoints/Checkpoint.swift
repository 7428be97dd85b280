package import NuthatchTensors

/// A model's files, opened and checked: what tensors there are, and what the header says.
///
/// Bytes are memory-mapped; nothing is copied until a tensor is read.
package enum Checkpoint: Sendable {
    case gguf(GGUFFile)
    case directory(HuggingFaceDirectory)

    /// The directory, or the GGUF file; of several parts the first.
    package var path: String {
        switch self {
        case .gguf(let file): file.path
        case .directory(let directory): directory.path
        }
    }

    /// The last part of the path, for messages and lists.
    package var name: String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The files that the tensors lie in, in order.
    package var weightPaths: [String] { tables.map(\.file.path) }

    /// All tensors, in file order (shard after shard).
    package var tensors: [TensorDescription] {
        tables.flatMap { $0.entries.map(\.description) }
    }

    /// Bytes of all tensors as stored.
    package var tensorByteCount: Int {
        tables.reduce(0) { total, table in
            total + table.entries.reduce(0) { $0 + $1.range.count }
        }
    }

    package func tensor(named name: String) -> TensorDescription? {
        find(name)?.entry.description
    }

    /// A tensor of two dimensions, as stored, or a stack of such as one matrix with the outputs of all.
    ///
    /// Its bytes are borrowed from the mapping, at any alignment: valid while this checkpoint lives.
    ///
    /// - Parameter flatteningInputs: takes all dimensions behind the first together (a convolution whose steps are as
    ///   long as its kernel).
    /// - Throws: `CheckpointError.missingTensor`, `.wrongShape`, `.unsupportedFormat`.
    package func matrix(
        named name: String, flatteningInputs: Bool = false
    ) throws(CheckpointError) -> StoredMatrix {
        let (table, entry, format) = try readable(name)
        let shape = entry.description.shape
        guard flatteningInputs ? shape.count >= 2 : (2...3).contains(shape.count) else {
            throw .wrongShape(
                file: table.file.path, tensor: name, expected: "two or three dimensions", found: shape)
        }
        let firstInput = flatteningInputs ? 1 : shape.count - 1
        // The tensor lies in its file whole, so its element count is no overflow.
        return StoredMatrix(
            format: format, outputCount: shape[..<firstInput].reduce(1, *),
            inputCount: shape[firstInput...].reduce(1, *),
            bytes: table.bytes(of: entry), tensor: name)
    }

    /// A tensor of any shape as rows of its last dimension, borrowed as `matrix` borrows.
    ///
    /// - Throws: `CheckpointError.missingTensor`, `.unsupportedFormat`.
    package func rows(named name: String) throws(CheckpointError) -> StoredMatrix {
        let (table, entry, format) = try readable(name)
        let rowLength = entry.description.shape.last ?? 1
        return StoredMatrix(
            format: format, outputCount: entry.description.elementCount / max(rowLength, 1),
            inputCount: rowLength, bytes: table.bytes(of: entry), tensor: name)
    }

    /// All elements of a tensor of any shape and readable format, decoded; for norms and biases.
    ///
    /// - Throws: `CheckpointError.missingTensor`, `.unsupportedFormat`.
    package func floats(named name: String) throws(CheckpointError) -> [Float] {
        let (table, entry, format) = try readable(name)
        let bytes = table.bytes(of: entry)
        return Array(unsafeUninitializedCapacity: entry.description.elementCount) { output, count in
            count = entry.description.elementCount
            format.decode(bytes, into: UnsafeMutableBufferPointer(rebasing: output[..<count]))
        }
    }

    /// Gives the memory of a tensor's pages back to the system, once it has been packed or copied.
    ///
    /// The tensor stays readable; reading it again reads the file again. An unknown name does nothing.
    package func release(tensorNamed name: String) {
        guard let (table, entry) = find(name) else { return }
        table.file.release(entry.range)
    }

    /// Gives back the memory of whatever has been read of its files, once nothing more will be for a while.
    package func releaseAll() {
        for table in tables { table.file.release(0..<table.file.byteCount) }
    }
}

extension Checkpoint {
    /// The mapped files with tensors, in order.
    var tables: [TensorTable] {
        tensorTables.all
    }

    var tensorTables: TensorTables {
        switch self {
        case .gguf(let file): file.tensors
        case .directory(let directory): directory.weights.tensors
        }
    }

    func find(_ name: String) -> (table: TensorTable, entry: TensorTable.Entry)? {
        guard let table = tensorTables.table(holding: name), let entry = table.entry(named: name) else {
            return nil
        }
        return (table, entry)
    }

    /// - Throws: `CheckpointError.missingTensor`, or `.unsupportedFormat` for one that can be listed and not read.
    package func checkReadable(_ name: String) throws(CheckpointError) { _ = try readable(name) }

    private func readable(
        _ name: String
    ) throws(CheckpointError) -> (table: TensorTable, entry: TensorTable.Entry, format: ElementFormat) {
        guard let (table, entry) = find(name) else { throw .missingTensor(file: path, tensor: name) }
        switch entry.description.format {
        case .readable(let format): return (table, entry, format)
        case .unsupported(let format):
            throw .unsupportedFormat(file: table.file.path, tensor: name, format: format)
        }
    }
}
