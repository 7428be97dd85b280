import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers

/// A model as it goes into a GGUF file: header and tensors, from either kind of source.
struct QuantizationSource {
    var fields: GGUFFields
    let tensors: [WritableTensor]
    let notes: [String]
    let checkpoint: Checkpoint
    /// Holds the header as it was written against the source.
    let check: (Checkpoint) throws -> Void

    init(_ checkpoint: Checkpoint) throws {
        switch checkpoint {
        case .gguf(let file): try self.init(file, checkpoint)
        case .directory(let directory): try self.init(directory, checkpoint)
        }
    }

    /// A GGUF model in other formats, of several files in one: whatever its family, its pairs and names stay.
    private init(_ file: GGUFFile, _ checkpoint: Checkpoint) throws {
        fields = GGUFFields()
        // Said anew, or of this file's layout alone.
        let replaced = ["general.file_type", "general.quantization_version", "general.alignment"]
        try fields.copy(file.metadata) { !replaced.contains($0) && !$0.hasPrefix("split.") }
        tensors = checkpoint.tensors.map { tensor in
            let format: ElementFormat? = if case .readable(let format) = tensor.format { format } else { nil }
            return WritableTensor(name: tensor.name, shape: tensor.shape, storedFormat: format) {
                () throws(ModelError) in try TensorRows(tensor.name, of: checkpoint)
            }
        }
        notes = []
        self.checkpoint = checkpoint
        check = { _ in }
    }

    private init(_ directory: HuggingFaceDirectory, _ checkpoint: Checkpoint) throws {
        let conversion = try GGUFConversion(checkpoint)
        var notes = conversion.notes
        var fields = conversion.fields
        var tokenizer: Tokenizer?
        if try directory.tokenizer() == nil {
            notes.append(
                "The directory has no tokenizer.json, so the file has no tokenizer: llama.cpp can't load it.")
        } else {
            let vocabulary = try Vocabulary(checkpoint)
            let writer = try TokenizerWriter(
                vocabulary.tokenizer, into: fields, tokenCount: conversion.vocabularySize,
                endTokens: vocabulary.endTokens, file: directory.path)
            fields = writer.fields
            notes += writer.notes
            tokenizer = vocabulary.tokenizer
        }
        self.fields = fields
        self.notes = notes
        self.checkpoint = checkpoint
        tensors = conversion.tensors
        check = { written in
            try conversion.check(written)
            guard let tokenizer, case .gguf(let file) = written else { return }
            guard try tokenizer.agrees(with: try Tokenizer(gguf: file), on: Tokenizer.sampleText) else {
                throw TokenizerError.notWritable(
                    file: directory.path, reason: "a text has other ids with what GGUF can say of it")
            }
        }
    }
}
