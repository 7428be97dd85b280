import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// GGUF files of the architecture deepseek2; their logits are held against transformers with all others'.
@Suite struct DeepSeekFileTests {
    /// V3: 3 layers, the first dense, 4 heads of 32 + 16, latents of 64, 3 of 8 experts from 2 of 4 groups.
    private static let blocks = GoldenModel.named("deepseek3-blocks", .gguf).path

    private func describe(
        without keys: Set<String> = [], _ set: (inout GGUFFields) -> Void = { _ in }
    ) throws -> DecoderSpecification {
        let file = try AlteredFile(
            Self.blocks, without: Set(keys.map { "deepseek2.\($0)" }), set)
        return try ModelDescription(try file.checkpoint()).specification
    }

    @Test(
        "Sizes that can't be are refused by their keys",
        arguments: [
            ("attention.kv_lora_rank", 0, "is 0; the size of a head may be 1 to 2048."),
            ("attention.kv_lora_rank", .max, "is 4294967295; the size of a head may be 1 to 2048."),
            ("attention.q_lora_rank", 0, "is 0; a hidden size may be 1 to 131072."),
            ("attention.value_length_mla", 0, "is 0; the size of a head may be 1 to 2048."),
            (
                "rope.dimension_count", 48,
                "is 48, and attention.key_length_mla is 48: no part of a key is left that comes from a latent."
            ),
            ("expert_count", 0, "is 0 or missing, and layers from 1 on are mixtures of experts."),
            ("expert_count", 1 << 13, "is 8192; a number of experts may be 1 to 4096."),
            ("expert_used_count", 0, "is 0; a number of experts may be 1 to 4096."),
            ("expert_used_count", 9, "is 9, and there are 8 experts."),
            ("expert_used_count", 5, "is 5, and 2 groups have 4 experts."),
            ("expert_group_count", 3, "is 3, which doesn't divide the 8 experts."),
            ("expert_group_count", 16, "is 16, which doesn't divide the 8 experts."),
            ("expert_group_used_count", 0, "is 0; a number of experts may be 1 to 4096."),
            ("expert_group_used_count", 5, "is 5, and there are 4 groups."),
            ("expert_gating_func", 3, "is 3, which is not one of 1 (softmax), 2 (sigmoid)."),
            ("expert_shared_count", .max, "is 4294967295; a number of experts may be 1 to 4096."),
            ("leading_dense_block_count", .max, "is 4294967295; a number of layers may be 1 to 1024."),
            ("nextn_predict_layers", 3, "is 3 of 3 layers."),
        ] as [(String, UInt32, String)])
    func impossibleSizesAreNamed(key: String, value: UInt32, sentence: String) throws {
        let error = try #require(throws: ModelError.self) {
            try describe { $0.set("deepseek2.\(key)", value) }
        }
        #expect(error.message.contains("model.gguf: deepseek2.\(key) \(sentence)"), "\(error.message)")
        #expect(error.remedy != nil)
    }

    @Test(
        "Keys that nothing can stand for are missed by name",
        arguments: [
            "attention.kv_lora_rank", "attention.q_lora_rank", "attention.key_length_mla",
            "attention.value_length_mla", "rope.dimension_count", "attention.head_count", "expert_used_count",
            "expert_shared_count", "expert_group_used_count",
        ])
    func missingKeysAreNamed(key: String) throws {
        let error = try #require(throws: ModelError.self) { try describe(without: [key]) }
        #expect(error.message.contains("deepseek2.\(key)"), "\(error.message)")
    }

    @Test("What only models beyond this decoder have is refused")
    func variantsAreRefused() throws {
        let tempered = try #require(throws: ModelError.self) {
            try describe { $0.set("deepseek2.attention.temperature_scale", Float(0.1)) }
        }
        #expect(tempered.message.contains("deepseek2.attention.temperature_scale is 0.1"))
        let linear = try #require(throws: ModelError.self) {
            try describe { $0.set("deepseek2.rope.scaling.type", "linear") }
        }
        #expect(
            linear.message.contains("deepseek2.rope.scaling.type is linear, which is not one of none, yarn."))
        let nan = try #require(throws: ModelError.self) {
            try describe { $0.set("deepseek2.rope.scaling.yarn_log_multiplier", Float.nan) }
        }
        #expect(nan.message.contains("deepseek2.rope.scaling.yarn_log_multiplier is nan;"))
    }

    @Test("Keys that files leave out have llama.cpp's defaults")
    func defaultsAreLlamaCpps() throws {
        let whole = try #require(try describe().feedForward.experts)
        #expect(whole.scoring == .logistic && whole.normalisesWeights && whole.weightScale == 2.5)
        #expect(whole.groups == .init(count: 4, usedCount: 2, rank: .sumOfTwo))
        #expect(whole.hasSelectionBias && whole.sharedSize == 32)
        // Softmax is V2's, whose groups are worth their best expert.
        let unscored = try #require(try describe(without: ["expert_gating_func"]).feedForward.experts)
        #expect(unscored.scoring == .softmax && unscored.groups?.rank == .best)
        let plain = try #require(
            try describe(
                without: ["expert_weights_norm", "expert_weights_scale", "expert_group_count"]
            ).feedForward.experts)
        #expect(!plain.normalisesWeights && plain.weightScale == nil && plain.groups == nil)
        let unscaled = try describe { $0.set("deepseek2.expert_weights_scale", Float(0)) }
        #expect(unscaled.feedForward.experts?.weightScale == nil)
        let allGroups = try describe { $0.set("deepseek2.expert_group_used_count", UInt32(4)) }
        #expect(allGroups.feedForward.experts?.groups == nil)
        #expect(
            try describe(without: ["leading_dense_block_count"]).layers.map(\.isSparse) == [true, true, true])
        #expect(try describe(without: ["rope.freq_base"]).layers[0].rotary?.base == 10_000)
    }

    /// s = 4, M = 0.1 of which 1 + M ln s = 1.13863, in float32.
    @Test("YaRN's factors are those that llama.cpp computes")
    func stretchIsLlamaCpps() throws {
        let magnitude = 1.1386294361
        func factors(_ specification: DecoderSpecification) throws -> (turning: Float, scoring: Float) {
            let rotary = try #require(specification.layers[2].rotary)
            return (
                rotary.table(contextLength: 256).attentionFactor,
                specification.attention.scale * Float(48).squareRoot()
            )
        }
        let stated = try factors(try describe())
        #expect(stated.turning == 1)
        #expect(abs(stated.scoring - Float(magnitude * magnitude)) < 1e-5)
        let unstated = try factors(try describe(without: ["rope.scaling.yarn_log_multiplier"]))
        #expect(abs(unstated.turning - Float(magnitude)) < 1e-5)
        #expect(abs(unstated.scoring - Float(magnitude * magnitude)) < 1e-5)
        let multiplied = try factors(
            try describe { $0.set("deepseek2.rope.scaling.attn_factor", Float(0.5)) })
        #expect(multiplied.turning == 0.5)
        #expect(abs(multiplied.scoring - Float(0.25 * magnitude * magnitude)) < 1e-5)
        let none = try factors(
            try describe(without: ["rope.scaling.type", "rope.scaling.factor"]))
        #expect(none.turning == 1 && abs(none.scoring - 1) < 1e-6)
    }

    @Test("Keys' matrices are stored a head at a time with ranks for rows, and refused the other way round")
    func keysLieTurned() throws {
        let name = "blk.0.attn_k_b.weight"
        let file = try AlteredFile(Self.blocks, shapes: [name: [4, 32, 64]])
        let error = try #require(throws: ModelError.self) { try Decoder.load(try file.checkpoint()) }
        #expect(
            error.message.contains("tensor \(name) has shape [4, 32, 64]; the header makes it [4, 64, 32]."))
    }

    @Test("Blocks of codes that lie turned are decoded", arguments: [ElementFormat.q8_0, .q4_0])
    func turnedBlocksAreDecoded(format: ElementFormat) throws {
        let ends = ["attn_k_b.weight", "attn_v_b.weight"]
        let coded = try AlteredFile(
            Self.blocks, formats: Dictionary(uniqueKeysWithValues: ends.map { ($0, format) }))
        let decoded = try AlteredFile(
            coded.path, formats: Dictionary(uniqueKeysWithValues: ends.map { ($0, .f32) }))
        let tokens = try GoldenModel.named("deepseek3-blocks").prompt()
        var logits: [[[Float]]] = []
        for file in [coded, decoded] {
            let checkpoint = try file.checkpoint()
            let bench = try Bench(try Decoder.load(checkpoint, precision: .native))
            #expect(
                bench.decoder.weightByteCount
                    == (try Decoder.plan(checkpoint, precision: .native).weightByteCount))
            logits.append(try bench.logits(tokens, into: try bench.cache()))
        }
        #expect(logits[0] == logits[1])
    }

    @Test("Layers that guess further tokens are left alone, in both kinds of file")
    func guessingLayersAreIgnored() throws {
        let file = try AlteredFile(Self.blocks) { $0.set("deepseek2.nextn_predict_layers", UInt32(1)) }
        let fromFile = try Decoder.load(try file.checkpoint(), precision: .f32)
        #expect(fromFile.specification.layers.count == 2)
        let path = GoldenModel.named("deepseek3-blocks").path
        let directory = try AlteredFile(directory: path) { config in
            config["num_hidden_layers"] = 2
            config["num_nextn_predict_layers"] = 1
        }
        let fromDirectory = try Decoder.load(try directory.checkpoint(), precision: .f32)
        var logits: [[[Float]]] = []
        for decoder in [fromFile, fromDirectory] {
            let bench = try Bench(decoder)
            logits.append(try bench.logits([5, 6, 7, 8], into: try bench.cache()))
        }
        for (our, their) in zip(logits[0], logits[1]) { #expect(relativeDistance(our, their) <= 1e-5) }
        let unannounced = try AlteredFile(directory: path) { $0["num_hidden_layers"] = 2 }
        let error = try #require(throws: ModelError.self) { try Decoder.load(try unannounced.checkpoint()) }
        #expect(error.message.contains("has no use: model.layers.2."))
    }
}
