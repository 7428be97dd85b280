import NuthatchCheckpoints
import NuthatchGeneration

/// Which model a result is of, in the JSON of every command.
struct ModelResult: Encodable {
    let name: String
    /// The file or directory; nil for layers that are described and nowhere.
    let path: String?

    /// What people read: where it is.
    var text: String { path ?? name }

    init(described description: String) {
        name = description
        path = nil
    }

    init(_ checkpoint: Checkpoint) {
        name = checkpoint.name
        path = checkpoint.path
    }

    init(_ loaded: LoadedModel) {
        name = loaded.model.name
        path = loaded.path
    }
}
