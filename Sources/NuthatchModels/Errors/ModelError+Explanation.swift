import NuthatchCache
import NuthatchCheckpoints
package import NuthatchTensors

extension ModelError: ExplainedError {
    package var code: NuthatchError.Code {
        switch self {
        case .checkpoint(let error): error.code
        case .tensors(let error): error.code
        case .cache(let error): error.code
        case .unsupportedArchitecture, .unsupportedValue, .outOfRange, .invalid, .missingTensor,
            .unexpectedTensor, .wrongShape, .notWritable:
            .badData
        case .tokenOutOfRange, .contextLengthOutOfRange, .withoutMemoryGates: .usage
        case .contextFull: .contextFull
        case .invalidBatch, .layersDiffer: .internalFault
        }
    }

    package var message: String {
        switch self {
        case .checkpoint(let error): error.message
        case .tensors(let error): error.message
        case .cache(let error): error.message
        case .unsupportedArchitecture(let file, let found, let supported):
            "\(file): the architecture \(found) is not one of \(supported.joined(separator: ", "))."
        case .unsupportedValue(let file, let field, let found, let supported):
            "\(file): \(field) is \(found), which is not one of \(supported.joined(separator: ", "))."
        case .outOfRange(let file, let field, let found, let limit):
            "\(file): \(field) is \(found); \(limit.rawValue) may be 1 to \(limit.maximum)."
        case .invalid(let file, let field, let reason):
            "\(file): \(field) \(reason)."
        case .missingTensor(let file, let tensor, let expected):
            "\(file) has no tensor \(tensor) of shape \(expected), which its header calls for."
        case .unexpectedTensor(let file, let tensor, let family):
            "\(file) has a tensor \(tensor), for which a model of the family \(family) has no use."
        case .wrongShape(let file, let tensor, let expected, let found):
            "\(file): tensor \(tensor) has shape \(found); the header makes it \(expected)."
        case .notWritable(let file, let family, let reason):
            "\(file), of the family \(family), can't be written as GGUF: \(reason)."
        case .tokenOutOfRange(let token, let index, let vocabularySize):
            "Token \(token) at index \(index) is not in the vocabulary, 0 to \(vocabularySize - 1)."
        case .contextLengthOutOfRange(let asked, let maximum):
            "A context length of \(asked) tokens was asked for; this model has 1 to \(maximum)."
        case .contextFull(let contextLength, let asked):
            "The sequence would reach \(asked) tokens; the context length is \(contextLength)."
        case .invalidBatch(let reason):
            "A forward pass was asked for a batch in which \(reason)."
        case .layersDiffer:
            "A forward pass was given a cache made for another model's layers."
        case .withoutMemoryGates(let family, let layer):
            "The cache keeps a compressive memory of layer \(layer); this \(family) model has no trained gates to mix "
                + "it in."
        }
    }

    package var remedy: String? {
        switch self {
        case .checkpoint(let error): error.remedy
        case .tensors(let error): error.remedy
        case .cache(let error): error.remedy
        case .unsupportedArchitecture: "Choose a model of a supported family."
        case .unsupportedValue: "Choose a model that does without it."
        case .outOfRange, .invalid, .missingTensor, .unexpectedTensor, .wrongShape:
            "The file is damaged, or of a variant of its family that Nuthatch does not know."
        case .notWritable:
            "Families that can be written: "
                + ModelFamily.all.filter(\.isWritable).map(\.name).joined(separator: ", ")
                + ", as far as llama.cpp has them."
        case .tokenOutOfRange: "Use the tokenizer that belongs to the model."
        case .contextLengthOutOfRange: "Ask for a length in that range."
        case .contextFull:
            "Shorten the prompt, start a new sequence, or load the model with a longer context."
        case .withoutMemoryGates:
            "Keep a window, or sinks and a window; a compressive memory takes a model trained with Infini-attention."
        case .invalidBatch, .layersDiffer: nil
        }
    }
}
