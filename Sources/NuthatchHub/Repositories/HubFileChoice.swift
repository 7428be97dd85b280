internal import NuthatchCheckpoints

/// Which files of a repository make up the model a reference means.
///
/// Used twice: on the Hub's listing when pulling, and on a receipt when locating, so that both mean the same.
package enum HubFileChoice: Equatable {
    /// A GGUF file, or all those that a model was split into, in order.
    case gguf([HubFile])
    /// config.json, weights and tokenizer files at the repository's root.
    case directory([HubFile])

    package var files: [HubFile] {
        switch self {
        case .gguf(let files), .directory(let files): files
        }
    }

    var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

    func location(in directory: ModelDirectory) -> ModelLocation {
        switch self {
        case .gguf(let files): .file(path: files.first.map { directory.file($0.path) } ?? directory.path)
        case .directory: .directory(path: directory.path)
        }
    }

    /// A file that is wanted by name is matched exactly, then as a part of one GGUF model's name without regard
    /// to case (`Q4_1`). Without a name, the only GGUF model is meant, vision projectors aside, or the safetensors
    /// where there is none. The files of a split model are one choice.
    package static func choose(
        from files: [HubFile], wanted: String?, repository: String
    ) throws(HubError) -> HubFileChoice {
        let models = ggufModels(in: files)
        if let wanted {
            let exact = models.filter { $0.contains { $0.path == wanted } }
            return try only(
                of: exact.isEmpty
                    ? models.filter { $0.contains { $0.path.lowercased().contains(wanted.lowercased()) } }
                    : exact,
                orThrow: .noModelFile(repository: repository, wanted: wanted), repository: repository)
        }
        if models.isEmpty {
            let set = directorySet(of: files)
            guard !set.isEmpty else { throw .noModelFile(repository: repository, wanted: nil) }
            return .directory(set)
        }
        let withoutProjectors = models.filter { !isProjector($0[0].path) }
        return try only(
            of: withoutProjectors.isEmpty ? models : withoutProjectors,
            orThrow: .noModelFile(repository: repository, wanted: nil), repository: repository)
    }

    /// The GGUF models among a repository's files, each with all its parts that are there.
    private static func ggufModels(in files: [HubFile]) -> [[HubFile]] {
        let ggufs = files.filter { $0.path.lowercased().hasSuffix(".gguf") }
        var models: [[HubFile]] = []
        var placeOfSplit: [String: Int] = [:]
        for file in ggufs.sorted(by: { $0.path < $1.path }) {
            guard let part = GGUFPartName(file.path) else {
                models.append([file])
                continue
            }
            let first = part.path(of: 1)
            if let place = placeOfSplit[first] {
                models[place].append(file)
            } else {
                placeOfSplit[first] = models.count
                models.append([file])
            }
        }
        return models
    }

    /// As llama.cpp's converter names files of vision towers.
    private static func isProjector(_ path: String) -> Bool {
        path.split(separator: "/").last?.lowercased().hasPrefix("mmproj") == true
    }

    private static func only(
        of models: [[HubFile]], orThrow none: HubError, repository: String
    ) throws(HubError) -> HubFileChoice {
        guard let model = models.first else { throw none }
        guard models.count == 1 else {
            throw .ambiguousFile(repository: repository, candidates: models.map { $0[0].path }.sorted())
        }
        if let part = GGUFPartName(model[0].path), model.count != part.count {
            let paths = Set(model.map(\.path))
            throw .missingParts(
                repository: repository, count: part.count,
                missing: (1...part.count).map(part.path).filter { !paths.contains($0) })
        }
        return .gguf(model)
    }

    /// Files beside the weights that say what the model is and how text becomes tokens.
    private static let companions: Set<String> = [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model",
        "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json", "chat_template.json",
        "chat_template.jinja", "preprocessor_config.json",
    ]

    /// The files at the root that a loader opens; empty where there is no config.json or no safetensors.
    private static func directorySet(of files: [HubFile]) -> [HubFile] {
        let root = files.filter { !$0.path.contains("/") }
        guard root.contains(where: { $0.path == "config.json" }) else { return [] }
        let index = root.filter { $0.path == "model.safetensors.index.json" }
        // A repository may hold the same weights twice, whole and in shards: `model.safetensors` is enough.
        let whole = root.filter { $0.path == "model.safetensors" }
        let shards = root.filter { isShard($0.path) }
        let weights = whole.isEmpty ? index + shards : whole
        guard weights.contains(where: { $0.path.hasSuffix(".safetensors") }) else { return [] }
        return root.filter { companions.contains($0.path) } + weights
    }

    /// `model-00001-of-00004.safetensors`, as transformers names shards.
    private static func isShard(_ path: String) -> Bool {
        path.hasPrefix("model-") && path.hasSuffix(".safetensors") && path.contains("-of-")
    }
}
