/// What can be wrong with a model's files. `file` is the path as opened.
package enum CheckpointError: Error, Equatable {
    // The file itself.
    case notFound(path: String)
    case unreadable(path: String, reason: String)
    /// There is no address space for it.
    case unmapped(path: String, reason: String)
    case notAModel(path: String, found: String)
    case unsafePath(file: String, path: String)
    case noWeights(directory: String)
    /// The path is something else that is known.
    case foreign(path: String, content: ForeignContent)
    /// A directory holds its weights in a form that isn't read.
    case foreignWeights(directory: String, file: String, content: ForeignContent)
    case severalModels(directory: String, files: [String])
    /// Files that the index of a directory's weights names aren't there, of `count` that it names.
    case missingShards(index: String, shards: [String], count: Int)

    // A model in several GGUF files; parts are counted from 1.
    case unnumberedPart(file: String, number: Int, count: Int)
    /// A directory holds parts, some of them under names that don't lead from one to the others.
    case renamedParts(directory: String, parts: [RenamedPart])
    case missingPart(file: String, number: Int, missing: Int, count: Int, path: String)
    case foreignPart(file: String, reason: String)

    // The container.
    case badMagic(file: String, found: [UInt8])
    case bigEndian(file: String)
    case unsupportedVersion(file: String, version: UInt32)
    case truncated(file: String, part: String, expectedByteCount: UInt64, actualByteCount: Int)
    case limitExceeded(file: String, limit: CheckpointLimit, value: UInt64, field: String)
    case malformed(file: String, field: String, reason: String)
    case invalidUTF8(file: String, field: String)
    case invalidJSON(file: String, byteOffset: Int, reason: String)

    // Named values.
    case missingKey(file: String, key: String, expected: String)
    case wrongType(file: String, key: String, expected: String, found: String)
    case duplicateKey(file: String, key: String)
    /// Chat templates have names, and none is the one to use where nobody chooses.
    case noDefaultTemplate(path: String, names: [String])

    // Tensors.
    case missingTensor(file: String, tensor: String)
    case duplicateTensor(file: String, tensor: String)
    case overlappingTensors(file: String, first: String, second: String)
    case misalignedTensor(file: String, tensor: String, offset: UInt64, alignment: Int)
    case unsupportedFormat(file: String, tensor: String, format: String)
    case wrongShape(file: String, tensor: String, expected: String, found: [Int])

    // A file to be written.
    case alreadyThere(path: String)
    case isInput(path: String, input: String)
    case unwritable(path: String, reason: String)
    case diskFull(path: String, byteCount: Int, freeByteCount: Int?)
}

/// A part of a model and what its header says it is, which its name may not.
package struct RenamedPart: Equatable, Sendable {
    package let name: String
    /// From 1.
    package let number: Int
    package let count: Int

    package init(name: String, number: Int, count: Int) {
        self.name = name
        self.number = number
        self.count = count
    }

    /// The name up to the number, where it says what the header does.
    var stem: String? {
        guard let said = GGUFPartName(name), said.number == number, said.count == count else { return nil }
        return said.stem
    }
}
