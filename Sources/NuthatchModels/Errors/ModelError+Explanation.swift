import NuthatchCache
import NuthatchCheckpoints
package import NuthatchTensors

extension ModelError: ExplainedError {
    package var code: NuthatchError.Code {
        switch self {
        case .checkpoint(let error): error.code
        case .tensors(let error): error.code
        case .cache(let error): error.code
        case .unsupportedArchitecture, .encoderOnly, .encoderDecoder, .unsupportedValue, .outOfRange,
            .numberOutOfRange, .invalid, .differsByLayer, .quantizedWeights, .foreign, .missingTensor,
            .unexpectedTensors, .differingCopy, .wrongShape, .notWritable:
            .badData
        case .tokenOutOfRange, .contextLengthOutOfRange, .withoutMemoryGates, .fixedPositions,
            .unsupportedObservation, .imagesNotRead, .imagesWithDistantPositions, .imageTooLarge:
            .usage
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
        case .encoderOnly(let file, let architecture):
            "\(file): \(architecture) is an encoder without a decoder. Its tokens see those behind them too, so every "
                + "new one changes the keys and values of all, and a KV cache has nothing to keep."
        case .encoderDecoder(let file, let family):
            "\(file): \(family) is an encoder-decoder, which answers a source; a decoder, which continues a text, was "
                + "asked for."
        case .unsupportedValue(let file, let field, let found, let supported):
            "\(file): \(field) is \(found), which is not one of \(supported.joined(separator: ", "))."
        case .outOfRange(let file, let field, let found, let limit):
            "\(file): \(field) is \(found); \(limit.quantity) may be 1 to \(limit.maximum)."
        case .numberOutOfRange(let file, let field, let found, let number):
            "\(file): \(field) is \(found); \(number.phrase) may be \(number.range.lowerBound) to "
                + "\(number.range.upperBound)."
        case .differsByLayer(let file, let field, let values):
            "\(file): \(field) is \(Self.byLayer(values)); layers with different values are not read."
        case .quantizedWeights(let file, .field(let field), let method):
            "\(file): \(field) is \(method), which Nuthatch does not read."
        case .quantizedWeights(let file, .tensor(let name), let method):
            "\(file): tensor \(CheckpointError.listed([name])) is \(method), which Nuthatch does not read."
        case .foreign(let file, let content):
            "\(file) is \(content.description)."
        case .invalid(let file, let field, let reason):
            "\(file): \(field) \(reason)."
        case .missingTensor(let file, let tensor, let expected):
            "\(file) has no tensor \(tensor) of shape \(expected), which its header calls for."
        case .unexpectedTensors(let file, let tensors, let family):
            "\(file) has \(tensors.count == 1 ? "a tensor" : "\(tensors.count) tensors") for which a model of the family "
                + "\(family) has no use: \(CheckpointError.listed(tensors))."
        case .differingCopy(let file, let tensor, let original):
            "\(file): tensor \(tensor) differs from \(original), of which files of its family hold a copy there."
        case .wrongShape(let file, let tensor, let expected, let found):
            "\(file): tensor \(tensor) has shape \(found); the header makes it \(expected)."
        case .notWritable(let file, let family, let reason):
            "\(file), of the family \(family), can't be written as GGUF: \(reason)."
        case .tokenOutOfRange(let token, let index, let vocabularySize):
            "Token \(token) at index \(index) is not in the vocabulary, 0 to \(vocabularySize - 1)."
        case .contextLengthOutOfRange(let asked, let maximum):
            "A context of \(Counted.text(asked, "token")) was asked for; the model was made for \(maximum)."
        case .contextFull(let contextLength, let asked):
            "The sequence would reach \(Counted.text(asked, "token")); the context length is \(contextLength)."
        case .invalidBatch(let reason):
            "A forward pass was asked for a batch in which \(reason)."
        case .layersDiffer:
            "A forward pass was given a cache made for another model's layers."
        case .withoutMemoryGates(let family, let layer):
            "The cache keeps a compressive memory of layer \(layer); this \(family) model has no trained gates to mix "
                + "it in."
        case .unsupportedObservation(let layer):
            "The attentions of layer \(layer) can't be handed out: it looks at sinks from positions in the cache, or into a "
                + "compressive memory."
        case .fixedPositions(let family, let layer):
            "The cache keeps sinks of layer \(layer) at positions in the cache; a \(family) model's queries can't be moved "
                + "there."
        case .imagesNotRead(let family):
            "An image was given; this \(family) model reads text alone."
        case .imagesWithDistantPositions:
            "An image was given, and the cache keeps sinks at positions in the cache, or compressive memory."
        case .imageTooLarge(let patchCount, let maximum):
            "An image has \(Counted.text(patchCount, "patch")); a vision tower takes 1 to \(maximum)."
        }
    }

    /// A short list whole, of a long one what there is in it.
    private static func byLayer(_ values: [String]) -> String {
        guard values.count > 8 else { return "[\(values.joined(separator: ", "))]" }
        var distinct: [String] = []
        for value in values where !distinct.contains(value) { distinct.append(value) }
        return "a list of \(values.count), with \(CheckpointError.listed(distinct))"
    }

    package var remedy: String? {
        switch self {
        case .checkpoint(let error): error.remedy
        case .tensors(let error): error.remedy
        case .cache(let error): error.remedy
        case .unsupportedArchitecture: "Choose a model of a supported family."
        case .encoderOnly:
            "Choose a model that generates: a decoder, or an encoder-decoder such as T5 or BART."
        case .encoderDecoder: "Load it as an encoder-decoder, or choose a decoder."
        case .unsupportedValue: "Choose a model that does without it."
        case .unexpectedTensors:
            "What is computed with them would be missing from each answer. Choose a file of a family that has them, or, if "
                + "they have no part in the model, take them out of the file (safetensors: load_file, del, save_file)."
        case .differingCopy:
            "Take out of the file the one that the model wasn't trained with, or choose another conversion of it."
        case .differsByLayer: "Choose a model whose layers are alike."
        case .quantizedWeights(_, .field, _):
            "Take the model's 16-bit weights, or a GGUF file of it. If the weights are 16-bit all the same, remove the "
                + "field."
        case .quantizedWeights(_, .tensor, _): "Take the model's 16-bit weights, or a GGUF file of it."
        case .foreign(_, let content): content.remedy
        case .outOfRange, .numberOutOfRange, .invalid, .missingTensor, .wrongShape:
            "The file is damaged, or of a variant of its family that Nuthatch does not know."
        case .notWritable:
            "Families that can be written: "
                + ModelFamily.all.filter(\.isWritable).map(\.name).joined(separator: ", ")
                + ", as far as llama.cpp has them."
        case .tokenOutOfRange: "Use the tokenizer that belongs to the model."
        case .contextLengthOutOfRange(_, let maximum):
            "Ask for 1 to \(maximum), or keep sinks and a window within them (--kv-retention sinks=4+N), which never "
                + "look further."
        case .contextFull:
            "Shorten the prompt, start a new sequence, or load the model for a longer context if it was made for more."
        case .withoutMemoryGates:
            "Keep a window, or sinks and a window; a compressive memory takes a model trained with Infini-attention."
        case .unsupportedObservation:
            "Observe hidden states alone, or keep everything, a window, or sinks at true distance."
        case .fixedPositions: "Keep them at their true distance (positions=true), or keep a window."
        case .imagesNotRead:
            "Choose a model with a vision tower: Qwen2-VL or Qwen2.5-VL, from its Hugging Face directory."
        case .imagesWithDistantPositions: "Keep sinks at their own positions, a window, or everything."
        case .imageTooLarge: "Give a smaller image."
        case .invalidBatch, .layersDiffer: nil
        }
    }
}
