/// Where a model's files lie on this disk.
package enum ModelLocation: Sendable, Hashable {
    /// A file: the model's, or the first of those that it was split into.
    case file(path: String)
    /// A directory in Hugging Face's layout: config.json, safetensors, tokenizer files.
    case directory(path: String)

    package var path: String {
        switch self {
        case .file(let path), .directory(let path): path
        }
    }
}

/// A model the store holds.
package struct StoredModel: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        /// Complete, and untouched since it was verified.
        case present
        /// Complete in size, but touched since, or without a receipt; hashed again when it is used.
        case unverified
        /// Missing files, or files of the wrong size.
        case damaged
    }

    /// What to type to use it.
    package let reference: String
    package let path: String
    package let byteCount: Int
    /// Where it came from, in words.
    package let source: String
    package let state: State
}
