import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Whatever a header says, loading ends in a decoder or in a `ModelError`: this process is still here to tell.
@Suite struct HostileConfigurationTests {
    private let values: [Any] = [
        -1, 0, 1, 3, 7, 1 << 20, Int.max, Int.min, 0.5, -0.0, 1e-300, 1e300, "", "8", "full_attention", true,
        false,
        [Any](), [1], [-1.0, 0], ["full_attention"], ["sliding_attention"], [String: Any](), NSNull(),
        ["rope_type": "yarn", "factor": -1], ["type": "dynamic", "factor": 1e300], ["rope_type": "llama3"],
        ["full_attention": ["rope_theta": -5], "sliding_attention": 3],
        ["sliding_attention": ["rope_type": 1]],
        [
            "rope_type": "longrope", "short_factor": [0, 0, 0, 0], "long_factor": [1, 1, 1, 1],
            "factor": 1e-9,
        ],
        [
            "rope_type": "llama3", "factor": 1e-9, "low_freq_factor": 1, "high_freq_factor": 1,
            "original_max_position_embeddings": 1,
        ],
    ]

    private static let keys = [
        "hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads", "num_hidden_layers",
        "vocab_size", "max_position_embeddings", "rms_norm_eps", "hidden_act", "hidden_activation",
        "head_dim",
        "rope_theta", "rope_scaling", "rope_parameters", "rope_local_base_freq", "partial_rotary_factor",
        "original_max_position_embeddings", "sliding_window", "sliding_window_pattern", "use_sliding_window",
        "max_window_layers", "layer_types", "attention_bias", "mlp_bias", "tie_word_embeddings",
        "query_pre_attn_scalar", "final_logit_softcapping", "attn_logit_softcapping", "architectures",
        "use_bidirectional_attention",
    ]

    @Test(
        "One field at a time, with every kind of value, in every family",
        arguments: ModelFamily.all.map(\.huggingFaceArchitecture))
    func oneFieldAtATime(architecture: String) throws {
        var tiny = TinyLlama()
        tiny.architecture = architecture
        let directory = try tiny.write()
        for key in Self.keys {
            for value in values {
                var config = tiny.config
                config[key] = value
                try attempt(config, in: directory)
            }
        }
    }

    @Test("Several fields at once, and fields left out", arguments: UInt64(0)..<4)
    func severalFieldsAtOnce(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let directory = try TinyLlama().write()
        for _ in 0..<500 {
            var tiny = TinyLlama()
            tiny.architecture =
                ModelFamily.all.randomElement(using: &generator)?.huggingFaceArchitecture ?? ""
            var config = tiny.config
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                guard let key = Self.keys.randomElement(using: &generator) else { continue }
                config[key] = Bool.random(using: &generator) ? values.randomElement(using: &generator) : nil
            }
            try attempt(config, in: directory)
        }
    }

    private func attempt(_ config: [String: Any], in directory: TemporaryDirectory) throws {
        try directory.write(Array(try JSONSerialization.data(withJSONObject: config)), as: "config.json")
        do {
            let checkpoint = try Checkpoint.open(directory.path)
            let plan = try Decoder.plan(checkpoint, precision: .f32)
            let bench = try Bench(
                try Decoder.load(checkpoint, precision: .f32), workerCount: 1, maximumRowCount: 4)
            #expect(bench.decoder.weightByteCount == plan.weightByteCount)
            _ = try bench.logits([1, 2, 3], into: try bench.cache())
        } catch let error as ModelError {
            #expect(!error.message.isEmpty)
        }
    }
}
