import NuthatchCheckpoints
import NuthatchGeneration

/// Which model a result is of, in the JSON of every command.
struct ModelResult: Encodable {
    let name: String
    /// The file or directory.
    let path: String

    init(_ checkpoint: Checkpoint) {
        name = checkpoint.name
        path = checkpoint.path
    }

    init(_ loaded: LoadedModel) {
        name = loaded.model.name
        path = loaded.path
    }
}
