import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// GGUF files with damaged headers: each ends in a decoder that runs, or in an error that says what is wrong.
@Suite struct HostileHeaderTests {
    /// Keys and values of the tiny models end within this many bytes, and tensor descriptions begin.
    private static let headerByteCount = 3_000

    @Test(
        "Flipped bits in the header never trap",
        arguments: [
            "llama3-biased", "gemma3-pattern", "qwen2-tied", "deepseek2-lite", "deepseek3-blocks",
        ])
    func flippedBits(name: String) throws {
        var generator = SeededGenerator(seed: 7)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: GoldenModel.named(name, .gguf).path)))
        let directory = try TemporaryDirectory()
        for _ in 0..<200 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 8..<min(Self.headerByteCount, bytes.count), using: &generator)
                damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            try attempt(try directory.write(damaged, as: "model.gguf"))
        }
    }

    /// Sizes and counts, by the name of their key: the value is the 4 bytes behind key and type.
    @Test(
        "Absurd sizes in the header never trap",
        arguments: [
            "llama.block_count", "llama.embedding_length", "llama.attention.head_count",
            "llama.attention.head_count_kv",
            "llama.attention.key_length", "llama.feed_forward_length", "llama.context_length",
            "llama.rope.dimension_count", "llama.rope.freq_base", "llama.attention.layer_norm_rms_epsilon",
            "deepseek2.block_count", "deepseek2.attention.head_count", "deepseek2.attention.q_lora_rank",
            "deepseek2.attention.kv_lora_rank", "deepseek2.attention.key_length_mla",
            "deepseek2.attention.value_length_mla", "deepseek2.rope.dimension_count",
            "deepseek2.rope.scaling.factor", "deepseek2.rope.scaling.yarn_log_multiplier",
            "deepseek2.rope.scaling.original_context_length", "deepseek2.leading_dense_block_count",
            "deepseek2.feed_forward_length", "deepseek2.expert_count", "deepseek2.expert_used_count",
            "deepseek2.expert_shared_count", "deepseek2.expert_feed_forward_length",
            "deepseek2.expert_weights_scale", "deepseek2.expert_gating_func", "deepseek2.expert_group_count",
            "deepseek2.expert_group_used_count",
        ])
    func absurdSizes(key: String) throws {
        let model = key.hasPrefix("deepseek2") ? "deepseek3-blocks" : "llama3-biased"
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: GoldenModel.named(model, .gguf).path)))
        let name = Array(key.utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) }) + name.count + 4
        let directory = try TemporaryDirectory()
        for value: UInt32 in [0, 1, 3, 7, 1 << 16, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x7F80_0000, 0x7FC0_0000] {
            var damaged = bytes
            withUnsafeBytes(of: value.littleEndian) { damaged.replaceSubrange(place..<place + 4, with: $0) }
            try attempt(try directory.write(damaged, as: "model.gguf"))
        }
    }

    private func attempt(_ path: String) throws {
        do {
            let checkpoint = try Checkpoint.open(path)
            let bench = try Bench(
                try Decoder.load(checkpoint, precision: .f32), workerCount: 1, maximumRowCount: 4)
            _ = try bench.logits([1, 2, 3], into: try bench.cache())
        } catch let error as ModelError {
            #expect(!error.message.isEmpty)
        } catch let error as CheckpointError {
            #expect(!error.message.isEmpty)
        }
    }
}
