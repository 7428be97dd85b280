import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Each tensor of a file is used, known to be redundant, or a reason not to load it.
@Suite struct EveryTensorTests {
    private func header(_ tiny: TinyLlama, tied: Bool = false) throws -> (ModelHeader, Checkpoint) {
        let directory = try tiny.write { $0["tie_word_embeddings"] = tied }
        let checkpoint = try Checkpoint.open(directory.path)
        return (try ModelHeader(checkpoint), checkpoint)
    }

    @Test("Buffers that transformers once saved are left out by name")
    func buffersAreNamed() throws {
        var tiny = TinyLlama(layerCount: 2)
        for layer in 0..<2 {
            tiny.tensors.append(("model.layers.\(layer).self_attn.rotary_emb.inv_freq", [4]))
        }
        let (header, checkpoint) = try header(tiny)
        let leftOut = try header.leftOutTensors(of: checkpoint)
        #expect(leftOut.map(\.name).sorted() == tiny.tensors.suffix(2).map(\.name))
        #expect(leftOut.allSatisfy { $0.redundancy == .frequencies && $0.redundancy.isDerived })
        #expect(leftOut.summaries.count == 1)
        #expect(
            leftOut.summaries[0].hasSuffix("and 1 more: rotary frequencies, which are computed at loading"))
    }

    @Test(
        "A tensor that nothing is known of is refused by name",
        arguments: [
            "score.weight", "lm_head.bias", "model.layers.0.self_attn.q_norm.weight",
            "model.layers.1.mlp.up_proj.weight",
            "model.layers.0.mlp.router.weight", "v_head.summary.weight", "model.vision_tower.patch.weight",
        ])
    func unknownTensorsAreRefused(name: String) throws {
        var tiny = TinyLlama()
        tiny.tensors.append((name, [4]))
        let (header, checkpoint) = try header(tiny)
        let error = try #require(throws: ModelError.self) { try header.leftOutTensors(of: checkpoint) }
        #expect(
            error.message.hasSuffix("a tensor for which a model of the family Llama has no use: \(name)."))
        #expect(error.remedy?.contains("take them out of the file") == true)
        #expect(throws: ModelError.self) { try Decoder.load(checkpoint) }
        #expect(throws: ModelError.self) { try Decoder.plan(checkpoint) }
    }

    @Test("Many of them are counted")
    func manyAreCounted() throws {
        var tiny = TinyLlama()
        for index in 0..<9 { tiny.tensors.append(("extra.\(index)", [1])) }
        let (header, checkpoint) = try header(tiny)
        let error = try #require(throws: ModelError.self) { try header.leftOutTensors(of: checkpoint) }
        #expect(error.message.contains("has 9 tensors for which"))
        #expect(error.message.hasSuffix("and 3 more."))
    }

    @Test("An output matrix that differs from the embedding it is tied to is used, and said")
    func ownOutputIsUsed() throws {
        let (tied, checkpoint) = try header(TinyLlama(), tied: true)
        guard case .decoder(let description) = tied else { return }
        #expect(!description.specification.embedding.isTied)
        #expect(
            tied.remark
                == "The header ties the output matrix to the embedding, and lm_head.weight differs from "
                + "model.embed_tokens.weight: the file's own matrix is used, as transformers does since version 5."
        )
        #expect(try tied.leftOutTensors(of: checkpoint).isEmpty)
        // As if the header had said so.
        let (untied, other) = try header(TinyLlama())
        #expect(untied.remark == nil)
        let logits = try [checkpoint, other].map { checkpoint in
            let bench = try Bench(
                try Decoder.load(checkpoint, precision: .f32), workerCount: 1, maximumRowCount: 4)
            return try bench.logits([1, 2, 3], into: try bench.cache())
        }
        #expect(logits[0] == logits[1])
    }

    @Test("A copy of the embedding is left out, and the output stays tied")
    func copyIsLeftOut() throws {
        let tiny = TinyLlama()
        let directory = try tiny.write { $0["tie_word_embeddings"] = true }
        try directory.write(try Self.withCopies(tiny), as: "model.safetensors")
        let checkpoint = try Checkpoint.open(directory.path)
        let header = try ModelHeader(checkpoint)
        guard case .decoder(let description) = header else { return }
        #expect(description.specification.embedding.isTied)
        #expect(header.remark == nil)
        #expect(
            try header.leftOutTensors(of: checkpoint) == [
                LeftOutTensor(name: "lm_head.weight", redundancy: .copy(of: "model.embed_tokens.weight"))
            ])
        #expect(throws: Never.self) { try Decoder.load(checkpoint) }
    }

    /// The weights with equal numbers in all tensors of equal shapes.
    private static func withCopies(_ tiny: TinyLlama) throws -> [UInt8] {
        var writer = SafetensorsWriter()
        for tensor in tiny.tensors {
            var generator = SeededGenerator(seed: 3)
            writer.add(
                tensor.name, shape: tensor.shape,
                (0..<tensor.shape.reduce(1, *)).map { _ in generator.normal() })
        }
        return try writer.bytes()
    }

    @Test("What goldens leave out is known", arguments: GoldenModel.all)
    func goldensAreWhole(model: GoldenModel) throws {
        let checkpoint = try model.checkpoint()
        #expect(throws: Never.self) { try ModelHeader(checkpoint).leftOutTensors(of: checkpoint) }
    }

    @Test(
        "Masks of GPT-2 and GPT-NeoX are left out",
        arguments: [
            ("gpt2-scaled", ["transformer.h.0.attn.bias", "transformer.h.0.attn.masked_bias"]),
            (
                "gptneox-parallel",
                ["gpt_neox.layers.0.attention.bias", "gpt_neox.layers.0.attention.masked_bias"]
            ),
        ])
    func masksAreLeftOut(golden: String, masks: [String]) throws {
        let checkpoint = try GoldenModel.named(golden).checkpoint()
        guard case .decoder(let description) = try ModelHeader(checkpoint) else { return }
        for mask in masks { #expect(description.names.redundancy(of: mask) == .mask) }
    }

    @Test("Factors of rotary frequencies that a file's scaling leaves unread are refused")
    func unreadFactorsAreRefused() throws {
        // GPT-2 turns nothing, and Llama's own factors go before those of long contexts.
        for (golden, names) in [
            ("gpt2-scaled", ["rope_freqs.weight"]),
            ("llama3-biased", ["rope_factors_long.weight", "rope_factors_short.weight"]),
        ] {
            let file = try AlteredFile(
                GoldenModel.named(golden, .gguf).path, adding: names.map { ($0, [8], Float(1)) })
            let checkpoint = try file.checkpoint()
            let error = try #require(throws: ModelError.self) {
                try ModelHeader(checkpoint).leftOutTensors(of: checkpoint)
            }
            guard case .unexpectedTensors(_, let found, _) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(found == names)
        }
    }

    @Test("Copies of an encoder-decoder's embedding have to be copies")
    func halvesCopiesAreCompared() throws {
        let golden = Goldens.path("t5-tied")
        let original = try Checkpoint.open(golden)
        func checkpoint(_ change: Float) throws -> (Checkpoint, TemporaryDirectory) {
            var writer = SafetensorsWriter()
            for tensor in original.tensors where !tensor.name.hasSuffix("embed_tokens.weight") {
                writer.add(tensor.name, shape: tensor.shape, try original.floats(named: tensor.name))
            }
            let shared = try original.floats(named: "shared.weight")
            let shape = try #require(original.tensor(named: "shared.weight")).shape
            writer.add("encoder.embed_tokens.weight", shape: shape, shared)
            writer.add("decoder.embed_tokens.weight", shape: shape, [shared[0] + change] + shared.dropFirst())
            let directory = try TemporaryDirectory()
            try directory.write(
                Array(try Data(contentsOf: URL(filePath: "\(golden)/config.json"))), as: "config.json")
            try directory.write(try writer.bytes(), as: "model.safetensors")
            return (try Checkpoint.open(directory.path), directory)
        }
        let (same, _) = try checkpoint(0)
        let leftOut = try ModelHeader(same).leftOutTensors(of: same)
        #expect(leftOut.count { $0.redundancy == .copy(of: "shared.weight") } == 2)
        let (other, _) = try checkpoint(1)
        let error = try #require(throws: ModelError.self) { try ModelHeader(other).leftOutTensors(of: other) }
        #expect(
            error.message.hasSuffix(
                "tensor decoder.embed_tokens.weight differs from shared.weight, of which files of its family hold a copy "
                    + "there."))
    }
}
