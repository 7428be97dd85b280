import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Hugging Face directories as GGUF files: what is written is read as the same decoder, or is refused.
@Suite struct GGUFConversionTests {
    /// What llama.cpp's architectures have no word for.
    private static let refused = [
        "llama-dynamic": "how positions turn in layer 0",
        "qwen2-window": "which positions layer 1 keeps",
        "qwen3-window": "its biases are not those of llama.cpp's architecture qwen3",
        "gemma2-wide": "its biases are not those of llama.cpp's architecture gemma2",
        "gemma3-scaled": "an attention scale of",
        "smollm3-listed": "its biases are not those of llama.cpp's architecture smollm3",
        "starcoder2-plain": "its biases are not those of llama.cpp's architecture starcoder2",
        "gpt2-reordered": "the score scale of layer 1",
        "gpt2-unscaled": "an attention scale of 1.0",
        "gptbigcode-separate": "the activation geluErf",
        "gptneox-sequential": "its biases are not those of llama.cpp's architecture gptneox",
        "falcon-grouped": "its biases are not those of llama.cpp's architecture falcon",
        "falcon-sequential": "its biases are not those of llama.cpp's architecture falcon",
        "opt-before": "Nuthatch writes none of llama.cpp's architectures for it",
        "opt-after": "Nuthatch writes none of llama.cpp's architectures for it",
        "opt-bare": "Nuthatch writes none of llama.cpp's architectures for it",
        "qwen3moe-some": "its biases are not those of llama.cpp's architecture qwen3moe",
        "t5-tied": "it is an encoder-decoder, and Nuthatch writes decoders alone",
        "infini-delta": "memory gates",
        "infini-linear": "memory gates",
    ]

    private static let written = GoldenModel.directories.filter { refused[$0.name] == nil }

    /// Writes every tensor in float32 and gives the file back, checked.
    private func convert(_ checkpoint: Checkpoint, into directory: TemporaryDirectory) throws -> Checkpoint {
        let conversion = try GGUFConversion(checkpoint)
        let layout = try GGUFLayout(
            conversion.fields,
            tensors: conversion.tensors.map { .init(name: $0.name, format: .f32, shape: $0.shape) },
            file: "test")
        let file = try StagedFile(
            target: "\(directory.path)/model.gguf", byteCount: layout.byteCount, replaces: false)
        try layout.header.withUnsafeBytes { try file.write($0, at: 0) }
        for (tensor, range) in zip(conversion.tensors, layout.ranges) {
            let rows = try tensor.open()
            var values = [Float](repeating: 0, count: rows.rowCount * rows.rowLength)
            values.withUnsafeMutableBufferPointer { values in
                for row in 0..<rows.rowCount {
                    let start = row * rows.rowLength
                    rows.decode(
                        row: row,
                        into: UnsafeMutableBufferPointer(
                            rebasing: values[start..<start + rows.rowLength]))
                }
            }
            #expect(values.count * 4 == range.count)
            try values.withUnsafeBytes { try file.write($0, at: range.lowerBound) }
        }
        try conversion.check(try Checkpoint.open(file.path))
        try file.commit()
        return try Checkpoint.open("\(directory.path)/model.gguf")
    }

    @Test("A converted model has the logits of transformers", arguments: written)
    func logitsStay(model: GoldenModel) throws {
        let directory = try TemporaryDirectory()
        let decoder = try Decoder.load(
            try convert(try model.checkpoint(), into: directory), precision: .f32,
            contextLength: try model.decoder().contextLength)
        let bench = try Bench(decoder)
        let ours = try bench.logits(try model.prompt(), into: try bench.cache())
        for (position, (our, their)) in zip(ours, try model.logits()).enumerated() {
            #expect(relativeDistance(our, their) <= 1e-4, "position \(position)")
        }
    }

    /// The file of the gguf package from the same weights, where there is one of today's form: names, shapes and numbers.
    @Test(
        "Tensors are those of the reference's file",
        arguments: written.filter { model in
            GoldenModel.ggufFiles.contains { $0.name == model.name } && model.name != "deepseek2-lite"
        })
    func tensorsAreTheReferences(model: GoldenModel) throws {
        let directory = try TemporaryDirectory()
        let ours = try convert(try model.checkpoint(), into: directory)
        let theirs = try GoldenModel.named(model.name, .gguf).checkpoint()
        // llama.cpp wants a tied output matrix of OLMo 2 and GPT-NeoX too, which the reference's file leaves out.
        let extra = Set(ours.tensors.map(\.name)).subtracting(theirs.tensors.map(\.name))
        #expect(extra.isEmpty || extra == ["output.weight"])
        for tensor in theirs.tensors {
            #expect(ours.tensor(named: tensor.name)?.shape == tensor.shape, "\(tensor.name)")
            let (our, their) = (try ours.floats(named: tensor.name), try theirs.floats(named: tensor.name))
            #expect(relativeDistance(our, their) <= 1e-6, "\(tensor.name)")
        }
        guard case .gguf(let ourFile) = ours, case .gguf(let theirFile) = theirs else { return }
        for key in theirFile.metadata.keys where ourFile.metadata.type(of: key) != .string {
            let (our, their) = (
                try ourFile.metadata.value(key)?.number, try theirFile.metadata.value(key)?.number
            )
            guard let our, let their else { continue }
            #expect(abs(our - their) <= 1e-6 * abs(their), "\(key)")
        }
    }

    /// mscale and mscale_all_dim, equal as published, differing, or absent; a factor of its own for cosines.
    @Test(
        "Whatever YaRN does to cosines and scores is written",
        arguments: [
            #"{"mscale": 1, "mscale_all_dim": 1}"#, #"{"mscale": 0.707, "mscale_all_dim": 0.707}"#,
            #"{"mscale": 1, "mscale_all_dim": 0.5}"#, #"{"mscale": 0.5, "mscale_all_dim": 1}"#,
            #"{"mscale_all_dim": 0.8}"#, #"{"mscale": 0.8}"#, "{}", #"{"attention_factor": 1}"#,
            #"{"attention_factor": 1.3, "mscale_all_dim": 0.9}"#, #"{"factor": 1, "mscale_all_dim": 1}"#,
        ])
    func stretchesAreWritten(fields: String) throws {
        var scaling: [String: Any] = ["type": "yarn", "factor": 4, "original_max_position_embeddings": 32]
        let stated = try JSONSerialization.jsonObject(with: Data(fields.utf8)) as? [String: Any]
        scaling.merge(try #require(stated)) { _, new in new }
        let directory = try AlteredFile(directory: GoldenModel.named("deepseek3-blocks").path) {
            $0["rope_scaling"] = scaling
        }
        let original = try ModelDescription(try directory.checkpoint()).specification
        let target = try TemporaryDirectory()
        let written = try ModelDescription(try convert(try directory.checkpoint(), into: target))
            .specification
        #expect(abs(written.attention.scale / original.attention.scale - 1) < 1e-5)
        let (our, their) = (
            try #require(written.layers[0].rotary).table(contextLength: 128).attentionFactor,
            try #require(original.layers[0].rotary).table(contextLength: 128).attentionFactor
        )
        #expect(abs(our / their - 1) < 1e-5)
    }

    @Test("What llama.cpp does otherwise than a DeepSeek model is said")
    func deepSeekNotes() throws {
        let groups = try GGUFConversion(try GoldenModel.named("deepseek2-groups").checkpoint()).notes
        #expect(groups.count == 1 && groups[0].hasPrefix("llama.cpp ranks groups of experts by the sum of "))
        #expect(try GGUFConversion(try GoldenModel.named("deepseek3-blocks").checkpoint()).notes.isEmpty)
        let other = try AlteredFile(directory: GoldenModel.named("deepseek3-blocks").path) { config in
            config["rms_norm_eps"] = 1e-5
            config["rope_scaling"] = [
                "type": "yarn", "factor": 4, "original_max_position_embeddings": 32, "beta_fast": 16,
            ]
        }
        let notes = try GGUFConversion(try other.checkpoint()).notes
        #expect(notes.count == 2)
        #expect(notes[0].contains("takes 32 and 1 turns") && notes[0].contains("16.0 and 1.0"))
        #expect(notes[1].contains("normalises latents with an epsilon of 1e-05"))
    }

    @Test("DeepSeek's positions divided by one factor are refused")
    func linearDeepSeekIsRefused() throws {
        let directory = try AlteredFile(directory: GoldenModel.named("deepseek3-blocks").path) {
            $0["rope_scaling"] = ["type": "linear", "factor": 2]
        }
        let target = try TemporaryDirectory()
        let error = try #require(throws: ModelError.self) {
            _ = try convert(try directory.checkpoint(), into: target)
        }
        #expect(error.message.contains("deepseek2 have no word for how positions turn in layer 0"))
    }

    @Test("What GGUF has no word for is refused by name", arguments: refused.keys.sorted())
    func unsayableIsRefused(name: String) throws {
        let directory = try TemporaryDirectory()
        let reason = try #require(Self.refused[name])
        do {
            _ = try convert(try GoldenModel.named(name).checkpoint(), into: directory)
            Issue.record("\(name) was written")
        } catch let error as ModelError {
            #expect(error.message.contains("can't be written as GGUF"), "\(error.message)")
            #expect(error.message.contains(reason), "\(error.message)")
            #expect(try #require(error.remedy).contains("Llama, Mistral"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }
}
