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

/// A result of the library's with the model as every command has it.
struct MeasuredResult<Value: Encodable>: Encodable {
    let value: Value
    let model: ModelResult

    private enum CodingKeys: CodingKey { case model }

    func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
    }
}
