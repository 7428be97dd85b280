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
        "deepseek2-greedy": "Nuthatch writes none of llama.cpp's architectures for it",
        "deepseek2-groups": "Nuthatch writes none of llama.cpp's architectures for it",
        "deepseek3-yarn": "Nuthatch writes none of llama.cpp's architectures for it",
        "deepseek3-halves": "Nuthatch writes none of llama.cpp's architectures for it",
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

    /// The file of the gguf package from the same weights, where there is one: names, shapes and numbers.
    @Test(
        "Tensors are those of the reference's file",
        arguments: written.filter { model in
            GoldenModel.ggufFiles.contains { $0.name == model.name }
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
