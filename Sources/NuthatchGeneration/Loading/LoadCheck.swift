package import NuthatchCheckpoints
package import NuthatchModels
package import NuthatchTensors
import NuthatchTokenizers

/// What loading holds a model's files against, but for the machine's memory: told without packing a weight.
package enum LoadCheck {
    /// - Throws: what keeps the checkpoint from loading, as loading would.
    package static func check(_ checkpoint: Checkpoint) throws(NuthatchError) {
        do {
            let header = try ModelHeader(checkpoint)
            _ = try header.leftOutTensors(of: checkpoint)
            _ = try vocabulary(of: checkpoint, header)
        } catch {
            throw NuthatchError(explaining: error)
        }
    }

    /// The text side of a model, which fits the other.
    package static func vocabulary(
        of checkpoint: Checkpoint, _ header: ModelHeader, template: LoadOptions.Template = .model
    ) throws -> Vocabulary {
        let vocabulary = try Vocabulary(checkpoint, template: template)
        for tokenCount in header.vocabularySizes {
            try vocabulary.tokenizer.checkFit(tokenCount: tokenCount, file: checkpoint.path)
        }
        return vocabulary
    }
}
