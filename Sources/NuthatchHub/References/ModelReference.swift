package import NuthatchTensors

/// How a user names a model.
///
/// | form | example |
/// |---|---|
/// | alias of the catalogue | `smollm2` |
/// | path of a file, whatever its name | `models/bird.gguf`, `blobs/sha256-6a0746a1ec1a`, `./bird/config.json` |
/// | path of a directory | `./bird` |
/// | hub repository | `hf:owner/name`, `hf:owner/name:bird.Q4_1.gguf`, `hf:owner/name@revision:Q4_1` |
package struct ModelReference: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case catalogue(CatalogueModel)
        case file(path: String)
        case directory(path: String)
        case hub(HubReference)
    }

    package let kind: Kind

    package init(_ kind: Kind) {
        self.kind = kind
    }

    /// Reads a reference; throws a usage error that lists the aliases and the forms.
    ///
    /// A word that is no alias is taken for a file or a directory where one of that name exists. Other paths are
    /// recognised by their shape: they end in `.gguf`, or begin with `/`, `./` or `../`. What a file holds is asked later.
    ///
    /// - Parameter home: what `~` stands for where the shell has not said it; nil takes the account's.
    package init(_ text: String, home: String? = nil) throws(NuthatchError) {
        do {
            self = try Self.parse(text, home: home)
        } catch {
            throw NuthatchError(error)
        }
    }

    /// The reference as it can be typed again.
    package var description: String {
        switch kind {
        case .catalogue(let model): model.name
        case .file(let path), .directory(let path): path
        case .hub(let reference): reference.description
        }
    }
}

extension ModelReference {
    /// The longest reference looked at; paths of the supported systems end at 4,096 bytes.
    static let textByteLimit = 4096

    /// - Parameter home: what `~` stands for where the shell has not said it; nil takes the account's.
    package static func parse(
        _ text: String, catalogue: ModelCatalogue = .builtIn, home: String? = nil,
        isDirectory: (String) -> Bool = Self.isDirectory,
        isFile: (String) -> Bool = Self.isFile
    ) throws(HubError) -> ModelReference {
        let trimmed = text.trimmed
        guard trimmed.utf8.count <= textByteLimit, !trimmed.utf8.contains(0) else {
            throw .malformedReference(
                text: String(trimmed.prefix(40)) + "...",
                reason: "it is longer than \(Counted.text(textByteLimit, "byte")) or holds a NUL")
        }
        if let model = catalogue.model(named: trimmed) { return ModelReference(.catalogue(model)) }
        if trimmed.hasPrefix(HubReference.scheme) {
            return ModelReference(.hub(try HubReference(parsing: trimmed)))
        }
        let path = trimmed.hasPrefix("~/") ? (home ?? UserHome.ofAccount) + trimmed.dropFirst() : trimmed
        if isDirectory(path) { return ModelReference(.directory(path: path)) }
        if isFile(path) || path.lowercased().hasSuffix(".gguf") { return ModelReference(.file(path: path)) }
        if path.hasPrefix("/") || path.hasPrefix("./") || path.hasPrefix("../") {
            return ModelReference(.directory(path: path))
        }
        if (try? HubReference(parsing: HubReference.scheme + trimmed)) != nil {
            throw .malformedReference(
                text: trimmed,
                reason: "no file or directory has that path, and a hub repository is written hf:\(trimmed)")
        }
        throw .unknownReference(text: trimmed, aliases: catalogue.names)
    }

    package static func isDirectory(_ path: String) -> Bool {
        FileStatus(path: path)?.isDirectory == true
    }

    package static func isFile(_ path: String) -> Bool {
        FileStatus(path: path)?.isDirectory == false
    }
}
