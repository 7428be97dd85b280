import Foundation
import NuthatchTestSupport
import Testing

/// The commands that show what a cache costs, on a model of two layers.
@Suite struct CacheCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        let tiny = TinyLlama(maxPositions: 256, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize)
        directory = try tiny.write()
        try TinyTokenizer.write(to: directory)
    }

    @Test func sinksGoOnBeyondTheContextAndNothingElseDoes() throws {
        func run(_ count: Int, _ more: String...) throws -> (reason: String?, errors: String, exitCode: Int32)
        {
            let result = try NuthatchProcess.run(
                [
                    "run", "--model", directory.path, "--raw", "--temperature", "0", "--ignore-end",
                    "--max-new-tokens", "\(count)", "0123456789", "--json",
                ] + more)
            let object = try? JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            return (object?["finish_reason"] as? String, result.errors, result.exitCode)
        }
        #expect(try run(260, "--kv-retention", "window=64").reason == "context_full")
        #expect(try run(30, "--context", "32").reason == "context_full")
        let endless = try run(600, "--kv-retention", "sinks=4+60", "--kv-capacity", "2000")
        #expect(endless.reason == "max_new_tokens", "\(endless.errors)")
        let asked = try run(260, "--kv-retention", "sinks=4+60", "--context", "5000", "--cache", "static")
        #expect(asked.reason == "max_new_tokens", "\(asked.errors)")
        let capacity = try run(1, "--kv-capacity", "257")
        #expect(capacity.exitCode == 64)
        #expect(
            capacity.errors.contains(
                "The cache was to be reserved for 257 tokens; the context holds 256. Reserve at most 256 (--kv-capacity)."
            ))
        let context = try run(1, "--context", "257")
        #expect(context.exitCode == 64)
        #expect(
            context.errors.contains("A context of 257 tokens was asked for; the model was made for 256."))
    }

    @Test func whatSaturatesIsSaidWithTheRemedy() throws {
        let tiny = TinyLlama(maxPositions: 256, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize)
        let loud = try tiny.write()
        try TinyTokenizer.write(to: loud)
        try loud.write(try tiny.weights(scaling: "k_proj", by: 1e6), as: "model.safetensors")
        let arguments = [
            "run", "--model", loud.path, "--raw", "--temperature", "0", "--max-new-tokens", "3",
            "0123456789",
        ]
        let half = try NuthatchProcess.run(arguments)
        #expect(half.exitCode == 0)
        #expect(
            half.errors.contains(" numbers of keys in the cache were beyond what f16 holds"), "\(half.errors)"
        )
        #expect(half.errors.contains("Hold keys wider: --kv-keys bf16 or f32."))
        #expect(!half.errors.contains("numbers of values"))
        let wide = try NuthatchProcess.run(arguments + ["--kv-keys", "bf16"])
        #expect(!wide.errors.contains("beyond"))
        let counted = try NuthatchProcess.run(arguments + ["--json", "--show-cache"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(counted.output.utf8)) as? [String: Any])
        let keys = try #require(object["saturated_keys"] as? Int)
        let layers = try #require(object["cache"] as? [[String: Any]])
        #expect(keys > 0)
        #expect(layers.reduce(0) { $0 + ($1["saturated_keys"] as? Int ?? 0) } == keys)
        #expect(object["saturated_values"] as? Int == 0)
    }

    @Test func perplexityComparesACacheWithFloats() throws {
        let text = try directory.write((0..<500).map { UInt8(32 + $0 * $0 % 90) }, as: "text.txt")
        let asked = ["perplexity", directory.path, text, "--context", "128", "--tokens", "300"]
        let half = try NuthatchProcess.json(asked + ["--cache", "dynamic"])
        #expect(half["text_tokens"] as? Int == 300)
        #expect(half["windows"] as? Int == 3)
        #expect(half["predicted_tokens"] as? Int == 297)
        #expect(try #require(half["mean_kl_divergence"] as? Double) > 0)
        #expect(try #require(half["mean_kl_divergence"] as? Double) < 1e-3)
        #expect(half["bits_per_value"] as? Double == 24)
        #expect(try #require(half["perplexity"] as? Double) > 1)
        #expect(half["weights"] as? String == "f32")
        #expect(half["computing_mean_kl_divergence"] == nil)
        let codes = try NuthatchProcess.json(asked)
        #expect(codes["kv_keys"] as? String == "q8" && codes["kv_values"] as? String == "q8")
        // Two full pages of codes, of 16 numbers a token: nothing is open behind 128 tokens.
        #expect(codes["bits_per_value"] as? Double == Double(codedPageByteCount) * 8 / (64 * 16))
        #expect(codes["kv_bytes"] as? Int == 2 * 2 * codedPageByteCount)
        #expect(
            try #require(codes["mean_kl_divergence"] as? Double)
                > (try #require(half["mean_kl_divergence"] as? Double)))
        let coarse = try NuthatchProcess.json(asked + ["--cache", "dynamic", "--weights", "q8"])
        #expect(coarse["mean_kl_divergence"] as? Double == half["mean_kl_divergence"] as? Double)
        #expect(coarse["reference_perplexity"] as? Double == half["reference_perplexity"] as? Double)
        #expect(
            try #require(coarse["computing_mean_kl_divergence"] as? Double)
                > 10 * (try #require(half["mean_kl_divergence"] as? Double)))
        let exact = try NuthatchProcess.json(
            "perplexity", directory.path, text, "--context", "128", "--kv-keys", "f32", "--kv-values", "f32",
            "--weights", "f32")
        #expect(exact["mean_kl_divergence"] as? Double == 0)
        #expect(exact["top1_agreement"] as? Double == 1)
        #expect(exact["weights"] as? String == "f32")
    }

    @Test func perplexityRefusesWhatItCannotMeasure() throws {
        let missing = try NuthatchProcess.run(["perplexity", directory.path, "/no/such/text"])
        #expect(missing.exitCode == 69)
        #expect(missing.errors.contains("There is no text that can be read at /no/such/text."))
        let binary = try directory.write([0xFF, 0xFE], as: "binary")
        let result = try NuthatchProcess.run(["perplexity", directory.path, binary, "--context", "64"])
        #expect(result.exitCode == 65)
        #expect(result.errors.contains("The text in \(binary) is not UTF-8."))
        let context = try NuthatchProcess.run(
            ["perplexity", directory.path, "-", "--context", "257"], input: "text")
        #expect(context.exitCode == 64)
        #expect(
            context.errors.contains("A context of 257 tokens was asked for; the model was made for 256."))
    }

    @Test func runEndsWithATableOfTheCache() throws {
        let arguments = [
            "run", "--model", directory.path, "--raw", "--temperature", "0", "--ignore-end",
            "--max-new-tokens", "60", "0123456789", "--show-cache",
        ]
        let result = try NuthatchProcess.run(arguments + ["--cache", "dynamic"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let lines = result.errors.split(separator: "\n").suffix(3).map { line in
            line.split(separator: " ").map(String.init)
        }
        #expect(
            lines.first == [
                "layer", "keys", "values", "retention", "placement", "pages", "on", "disk", "seen", "kept",
                "bits", "bytes",
            ])
        // 10 and 59 tokens in two pages: 16 * 1.5 * 128 / 69 bits.
        #expect(
            lines.dropFirst().first
                == ["0-1", "f16", "f16", "full", "memory", "2", "0", "69", "69", "44.52", "12.3", "kB"])
        #expect(lines.last == ["total", "4", "0", "44.52", "12.3", "kB"])
        // By default the first is coded: (1,792 + 3,072) * 8 / (69 * 16) bits.
        let codes = try NuthatchProcess.run(arguments)
        let row = codes.errors.split(separator: "\n").suffix(2).map { line in
            line.split(separator: " ").map(String.init)
        }
        #expect(codedPageByteCount == 1_792 && pageByteCount == 3_072)
        #expect(
            row.first == ["0-1", "q8", "q8", "full", "memory", "2", "0", "69", "69", "35.25", "9.7", "kB"])
        #expect(row.last == ["total", "4", "0", "35.25", "9.7", "kB"])

        let report = try NuthatchProcess.json(
            "run", "--model", directory.path, "--raw", "--ignore-end", "--max-new-tokens", "60", "0123456789",
            "--show-cache", "--kv-retention", "window=8", "--kv-capacity", "200", "--kv-keys", "f16",
            "--kv-values", "f16")
        let layers = try #require(report["cache"] as? [[String: Any]])
        #expect(layers.count == 2)
        #expect(layers[1]["tokens_seen"] as? Int == 69)
        #expect(layers[1]["tokens_kept"] as? Int == 69)
        #expect(layers[1]["retention"] as? String == "window=8")
        #expect(layers[1]["spare_pages"] as? Int == 2)
        // Of codes 4 open pages and 3 sealed ones are reserved for 200 tokens; behind 69 one of each is in use.
        let coded = try NuthatchProcess.json(
            "run", "--model", directory.path, "--raw", "--ignore-end", "--max-new-tokens", "60", "0123456789",
            "--show-cache", "--kv-retention", "window=8", "--kv-capacity", "200")
        let spare = try #require(coded["cache"] as? [[String: Any]])[1]
        #expect(spare["pages"] as? Int == 2 && spare["spare_pages"] as? Int == 4 + 3 - 2)
    }

    @Test func aChatShowsItsCache() throws {
        try directory.write(Array("{{ messages[0]['content'] }}".utf8), as: "chat_template.jinja")
        let result = try NuthatchProcess.run(
            ["chat", "--model", directory.path, "--cache", "static"], input: "/cache\n/bye\n")
        #expect(result.exitCode == 0)
        let lines = result.errors.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(
            lines.dropFirst().first
                == ["0-1", "f16", "f16", "full", "memory", "0+4", "0", "0", "0", "0.00", "24.6", "kB"])
        #expect(lines.last == ["total", "0+8", "0", "0.00", "24.6", "kB"])
    }

    /// A page of 64 tokens: one head, 8 keys and 8 values filled up to 16, 2 bytes each.
    private let pageByteCount = 64 * (8 + 16) * 2
    /// A page of as many codes of a byte, with four regions of 64 bytes for scales and offsets.
    private let codedPageByteCount = 64 * (8 + 16) + 4 * 64

    @Test func aStaticCacheReservesTheContextInForce() throws {
        let text = try directory.write((0..<100).map { UInt8(32 + $0 % 90) }, as: "text.txt")
        let result = try NuthatchProcess.json(
            "perplexity", directory.path, text, "--context", "64", "--cache", "static")
        #expect(result["kv_bytes"] as? Int == 2 * pageByteCount)
        let whole = try NuthatchProcess.json("plan", directory.path, "--cache", "static")
        #expect(whole["kv_bytes"] as? Int == 2 * 4 * pageByteCount)
    }
}
