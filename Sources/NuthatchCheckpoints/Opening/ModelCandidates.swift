import NuthatchTensors

/// What a directory without weights in the hub's layout holds instead.
struct ModelCandidates {
    /// Names of GGUF files, of each split model that of its first part.
    private(set) var models: [String] = []
    /// Parts by their headers, those that a first part among `models` stands for too.
    private(set) var parts: [RenamedPart] = []
    private var partCountAmongModels = 0
    /// The first file of weights in a format that isn't read.
    private(set) var foreign: (name: String, content: ForeignContent)?

    // Directories of models have fewer than a hundred files; each costs a look at its beginning.
    private static let lookCount = 1_024

    /// Whether all are parts of one model by their names, its first part missing.
    var isOneModel: Bool {
        let names = models.map { GGUFPartName($0) }
        guard let first = names.first ?? nil else { return false }
        return names.allSatisfy { $0?.stem == first.stem && $0?.count == first.count }
    }

    /// Whether all are parts by their headers, none by its name; or parts of one model, some by their names.
    var areRenamedParts: Bool {
        guard partCountAmongModels == models.count, parts.contains(where: { $0.stem == nil }) else {
            return false
        }
        let stems = Set(parts.compactMap(\.stem))
        guard let stem = stems.first else { return true }
        return stems.count == 1 && Set(parts.map(\.count)).count == 1
            && Set(parts.map(\.number)).count == parts.count
            && parts.allSatisfy { part in
                // What has the name already is the part.
                part.stem != nil || !names.contains(GGUFPartName.name(stem, part.number, of: part.count))
            }
    }

    /// What lies in the directory.
    private let names: Set<String>

    init(in directory: String) {
        let listing = MappedFile.names(in: directory)
        names = Set(listing)
        for name in listing.prefix(Self.lookCount) {
            let path = HuggingFaceDirectory.join(directory, name)
            guard MappedFile.kind(at: path) == .file, let file = try? MappedFile(path: path) else { continue }
            if FileContent.isGGUF(file.bytes) {
                // Projectors and adapters lie beside the model they belong to.
                let part = try? GGUFPart(path: path)
                if part?.metadata.foreignContent != nil { continue }
                let numbered = GGUFPartName(name)
                let split = part.flatMap { try? GGUFSplit($0.metadata) }
                if let split {
                    parts.append(RenamedPart(name: name, number: split.number + 1, count: split.count))
                }
                if let numbered, numbered.number != 1, numbered.isComplete(in: directory) { continue }
                if split != nil { partCountAmongModels += 1 }
                models.append(name)
            } else if let content = ForeignContent(file.bytes, name: name), content.isWeights {
                if foreign == nil { foreign = (name, content) }
            }
        }
    }
}

extension GGUFPartName {
    /// Whether the first part is there, which stands for all of them.
    fileprivate func isComplete(in directory: String) -> Bool {
        MappedFile.kind(at: HuggingFaceDirectory.join(directory, path(of: 1))) != nil
    }
}

extension ForeignContent {
    /// Whether a directory of a model may hold it in the weights' stead.
    fileprivate var isWeights: Bool {
        switch self {
        case .torch, .onnx, .tensorFlow, .hdf5, .flax, .numPy, .tensorFlowLite, .oldGGML, .archive, .pointer:
            true
        default: false
        }
    }

    /// What a directory is by the names in it.
    init?(directory path: String) {
        func holds(_ name: String) -> Bool {
            MappedFile.kind(at: HuggingFaceDirectory.join(path, name)) != nil
        }
        if holds("model_index.json") {
            self = .diffusers
        } else if holds("modules.json") || holds("config_sentence_transformers.json") {
            self = .sentenceTransformers
        } else if holds("adapter_config.json") {
            self = HuggingFaceDirectory.holdsWeights(path) ? .adapted : .adapter
        } else {
            return nil
        }
    }
}
