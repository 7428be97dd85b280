/// Which files of a repository make up the model a reference means.
///
/// Used twice: on the Hub's listing when pulling, and on a receipt when locating, so that both mean the same.
package enum HubFileChoice: Equatable {
    case ggufFile(HubFile)
    /// config.json, weights and tokenizer files at the repository's root.
    case directory([HubFile])

    package var files: [HubFile] {
        switch self {
        case .ggufFile(let file): [file]
        case .directory(let files): files
        }
    }

    var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

    func location(in directory: ModelDirectory) -> ModelLocation {
        switch self {
        case .ggufFile(let file): .ggufFile(path: directory.file(file.path))
        case .directory: .directory(path: directory.path)
        }
    }

    /// A file that is wanted by name is matched exactly, then as a part of one GGUF file's name without regard
    /// to case (`Q4_1`). Without a name, the only GGUF file is meant, or the safetensors where there is none.
    package static func choose(
        from files: [HubFile], wanted: String?, repository: String
    ) throws(HubError) -> HubFileChoice {
        let ggufs = files.filter { $0.path.lowercased().hasSuffix(".gguf") }
        if let wanted {
            if let exact = ggufs.first(where: { $0.path == wanted }) { return .ggufFile(exact) }
            return try only(
                of: ggufs.filter { $0.path.lowercased().contains(wanted.lowercased()) },
                orThrow: .noModelFile(repository: repository, wanted: wanted), repository: repository)
        }
        if ggufs.isEmpty {
            let set = directorySet(of: files)
            guard !set.isEmpty else { throw .noModelFile(repository: repository, wanted: nil) }
            return .directory(set)
        }
        return try only(
            of: ggufs, orThrow: .noModelFile(repository: repository, wanted: nil), repository: repository)
    }

    private static func only(
        of files: [HubFile], orThrow none: HubError, repository: String
    ) throws(HubError) -> HubFileChoice {
        guard let first = files.first else { throw none }
        guard files.count == 1 else {
            throw .ambiguousFile(repository: repository, candidates: files.map(\.path).sorted())
        }
        return .ggufFile(first)
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
