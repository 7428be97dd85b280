import NuthatchTensors

extension Checkpoint {
    /// Opens the model at a path, by what is there: a GGUF file or any part of one, under whatever name; a directory in
    /// the layout of the Hugging Face Hub, or its config.json, index or weights; a directory that holds one GGUF model.
    ///
    /// - Throws: `CheckpointError` naming what the path is instead, or the models that may be meant.
    package static func open(_ path: String) throws(CheckpointError) -> Checkpoint {
        switch MappedFile.kind(at: path) {
        case .directory: try open(directory: path)
        case .file: try open(file: path)
        case .other: throw .notAModel(path: path, found: "neither a file nor a directory")
        case nil: throw .notFound(path: path)
        }
    }

    private static func open(file path: String) throws(CheckpointError) -> Checkpoint {
        let content = try MappedFile(path: path)
        if FileContent.isGGUF(content.bytes) { return .gguf(try GGUFFile(path: path)) }
        let (directory, name) = split(path)
        let readByName = [HuggingFaceFile.config.rawValue, HuggingFaceFile.weightsIndex.rawValue]
        if FileContent.isSafetensors(content.bytes) {
            return try open(weights: name, in: directory, path: path)
        }
        if let foreign = ForeignContent(content.bytes, name: path) {
            guard foreign == .json, readByName.contains(name) else {
                throw .foreign(path: path, content: foreign)
            }
            return try open(directory: directory)
        }
        throw .badMagic(file: path, found: Array(content.bytes.prefix(4)))
    }

    /// The directory of a safetensors file, if that file is what the directory has for weights.
    private static func open(
        weights name: String, in directory: String, path: String
    ) throws(CheckpointError) -> Checkpoint {
        if name.hasPrefix("adapter_") { throw .foreign(path: path, content: .adapter) }
        guard holds(HuggingFaceFile.config.rawValue, in: directory) else {
            throw .notAModel(path: path, found: "a safetensors file, which holds weights alone")
        }
        let opened = try HuggingFaceDirectory(path: directory)
        guard opened.weights.files.contains(where: { split($0.tensors.file.path).name == name }) else {
            throw .notAModel(
                path: path, found: "not among the weights that its directory's config.json is for")
        }
        return .directory(opened)
    }

    private static func open(directory path: String) throws(CheckpointError) -> Checkpoint {
        if let foreign = ForeignContent(directory: path) { throw .foreign(path: path, content: foreign) }
        if HuggingFaceDirectory.holdsWeights(path) { return .directory(try HuggingFaceDirectory(path: path)) }
        let candidates = ModelCandidates(in: path)
        switch candidates.models.count {
        case 1: return .gguf(try GGUFFile(path: HuggingFaceDirectory.join(path, candidates.models[0])))
        case 2... where candidates.areRenamedParts:
            throw .renamedParts(directory: path, parts: candidates.parts)
        case 2... where candidates.isOneModel:
            // Which part is missing is said from any of them.
            return .gguf(try GGUFFile(path: HuggingFaceDirectory.join(path, candidates.models[0])))
        case 2...: throw .severalModels(directory: path, files: candidates.models)
        default: break
        }
        let snapshots = snapshots(in: path)
        if snapshots.count > 1 { throw .severalModels(directory: path, files: snapshots) }
        if let snapshot = snapshots.first {
            return try open(directory: HuggingFaceDirectory.join(path, snapshot))
        }
        if let (name, content) = candidates.foreign {
            throw .foreignWeights(directory: path, file: name, content: content)
        }
        // What is missing of a directory in the hub's layout says it best.
        return .directory(try HuggingFaceDirectory(path: path))
    }

    /// The revisions in a directory of the hub's cache: `models--owner--name/snapshots/REVISION`.
    private static func snapshots(in directory: String) -> [String] {
        guard holds("refs", in: directory) else { return [] }
        return MappedFile.names(in: HuggingFaceDirectory.join(directory, "snapshots"))
            .filter { $0 != "." && $0 != ".." }.map { "snapshots/\($0)" }
    }

    private static func holds(_ name: String, in directory: String) -> Bool {
        MappedFile.kind(at: HuggingFaceDirectory.join(directory, name)) != nil
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = path[..<slash]
        return (directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...]))
    }
}
