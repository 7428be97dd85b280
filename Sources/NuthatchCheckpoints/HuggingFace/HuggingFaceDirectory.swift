import NuthatchTensors

/// A directory in the layout of the Hugging Face Hub: config.json, safetensors, tokenizer files.
///
/// The configuration is read when the directory is opened; other files when they are asked for, and not kept.
package final class HuggingFaceDirectory: Sendable {
    package let path: String
    /// config.json.
    package let config: JSONField
    /// Empty where the directory was opened without weights.
    let weights: SafetensorsShards

    /// Opens a directory and checks its configuration and the headers of its weights.
    ///
    /// - Parameter requiresWeights: false also opens a directory of configuration and tokenizer alone.
    package init(path: String, requiresWeights: Bool = true) throws(CheckpointError) {
        self.path = path
        switch MappedFile.kind(at: path) {
        case .directory: break
        case nil: throw .notFound(path: path)
        case .file, .other: throw .notAModel(path: path, found: "not a directory")
        }
        guard let config = try Self.readJSON(.config, in: path) else {
            throw .notFound(path: Self.join(path, HuggingFaceFile.config.rawValue))
        }
        self.config = config
        weights = try Self.openWeights(in: path, isRequired: requiresWeights)
    }

    /// Opens a configuration that stands alone, under whatever name: what can be said of a model that is not here.
    package init(configuration path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        self.path = path
        config = JSONField(try JSONParser.parse(file.bytes, file: file.path), file: file.path)
        weights = try SafetensorsShards()
    }

    /// A JSON file, parsed; nil where the directory has none.
    package func json(_ file: HuggingFaceFile) throws(CheckpointError) -> JSONField? {
        try Self.readJSON(file, in: path)
    }

    /// generation_config.json.
    package func generationConfig() throws(CheckpointError) -> JSONField? { try json(.generationConfig) }

    /// tokenizer.json.
    package func tokenizer() throws(CheckpointError) -> JSONField? { try json(.tokenizer) }

    /// tokenizer_config.json.
    package func tokenizerConfig() throws(CheckpointError) -> JSONField? { try json(.tokenizerConfig) }

    /// A file's text; nil where the directory has none.
    package func text(_ file: HuggingFaceFile) throws(CheckpointError) -> String? {
        guard let mapped = try Self.map(file, in: path) else { return nil }
        guard mapped.byteCount <= CheckpointLimit.jsonByteCount.maximum else {
            throw .limitExceeded(
                file: mapped.path, limit: .jsonByteCount, value: UInt64(mapped.byteCount), field: "the file")
        }
        guard let text = String(utf8: mapped.bytes[...]) else {
            throw .invalidUTF8(file: mapped.path, field: "the text")
        }
        return text
    }

    /// Whether the directory has something of this name.
    package func holds(_ name: String) -> Bool { MappedFile.kind(at: Self.join(path, name)) != nil }

    /// Whether a directory has a configuration, and weights or their index.
    static func holdsWeights(_ directory: String) -> Bool {
        func holds(_ file: HuggingFaceFile) -> Bool {
            MappedFile.kind(at: join(directory, file.rawValue)) != nil
        }
        return holds(.config) && (holds(.weights) || holds(.weightsIndex))
    }

    static func join(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }
}

extension Checkpoint {
    /// A configuration without weights: a file that ends in .json, or a directory that has nothing but one; nil for
    /// anything else.
    package init?(configurationAloneAt path: String) throws(CheckpointError) {
        switch MappedFile.kind(at: path) {
        case .file where path.hasSuffix(".json"):
            self = .directory(try HuggingFaceDirectory(configuration: path))
        case .directory:
            guard
                MappedFile.kind(at: HuggingFaceDirectory.join(path, HuggingFaceFile.config.rawValue)) != nil,
                !MappedFile.names(in: path).contains(where: { name in
                    [".safetensors", ".safetensors.index.json", ".gguf"].contains(where: name.hasSuffix)
                })
            else { return nil }
            self = .directory(try HuggingFaceDirectory(path: path, requiresWeights: false))
        case .file, .other, nil: return nil
        }
    }
}

extension HuggingFaceDirectory {
    private static func openWeights(
        in directory: String, isRequired: Bool
    ) throws(CheckpointError) -> SafetensorsShards {
        let single = join(directory, HuggingFaceFile.weights.rawValue)
        if MappedFile.kind(at: single) != nil { return try SafetensorsShards(singleFile: single) }
        let index = join(directory, HuggingFaceFile.weightsIndex.rawValue)
        if MappedFile.kind(at: index) != nil {
            return try SafetensorsShards(index: index, directory: directory)
        }
        guard isRequired else { return try SafetensorsShards() }
        throw .noWeights(directory: directory)
    }

    private static func readJSON(
        _ file: HuggingFaceFile, in directory: String
    ) throws(CheckpointError) -> JSONField? {
        guard let mapped = try map(file, in: directory) else { return nil }
        if let content = ForeignContent(mapped.bytes, name: file.rawValue), content.standsForAFile {
            throw .foreign(path: mapped.path, content: content)
        }
        return JSONField(try JSONParser.parse(mapped.bytes, file: mapped.path), file: mapped.path)
    }

    private static func map(
        _ file: HuggingFaceFile, in directory: String
    ) throws(CheckpointError) -> MappedFile? {
        let path = join(directory, file.rawValue)
        guard MappedFile.kind(at: path) != nil else { return nil }
        return try MappedFile(path: path)
    }
}
