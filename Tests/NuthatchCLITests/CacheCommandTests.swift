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

    private func json(_ arguments: String...) throws -> [String: Any] {
        let result = try NuthatchProcess.run(arguments + ["--json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.isEmpty)
        #expect(result.output.hasSuffix("}\n"))
        return try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    /// A page of 64 tokens: one head, 8 keys and 8 values filled up to 16, 2 bytes each.
    private let pageByteCount = 64 * (8 + 16) * 2

    @Test func planSaysTheBytesOfAContext() throws {
        let plan = try json("plan", directory.path, "--context", "100", "--batch", "3")
        #expect(plan["kv_bytes"] as? Int == 3 * 2 * 2 * pageByteCount)
        #expect(plan["kv_bytes_by_layer_kind"] as? [String: Int] == ["full": 3 * 2 * 2 * pageByteCount])
        #expect(plan["kv_bytes_per_token"] as? Double == Double(2 * pageByteCount) / 64)
        #expect(plan["max_context"] == nil)
        #expect(plan["fits"] as? Bool == true)
        let parts = ["kv_bytes", "weight_bytes", "workspace_bytes"].compactMap { plan[$0] as? Int }
        #expect(plan["total_bytes"] as? Int == parts.reduce(0, +))
        let breakdown = try #require(plan["breakdown"] as? [[String: Any]])
        #expect(breakdown.count == 1)
        #expect(breakdown[0]["layers"] as? Int == 2)
        #expect(breakdown[0]["open_pages"] as? Int == 2)
        #expect(breakdown[0]["bits_per_value"] as? Double == 24)
    }

    @Test func planSolvesForTheContextAndForTheBatch() throws {
        let context = try json("plan", directory.path, "--memory", "64MiB")
        let most = try #require(context["max_context"] as? Int)
        #expect(try #require(context["total_bytes"] as? Int) <= 64 << 20)
        let again = try json("plan", directory.path, "--context", "\(most + 1)", "--memory", "64MiB")
        #expect(again["max_batch"] as? Int == 0)
        #expect(again["fits"] as? Bool == false)
        let batch = try json("plan", directory.path, "--context", "256", "--memory", "64MiB")
        #expect(try #require(batch["max_batch"] as? Int) > 1)
    }

    @Test func planReadsAsATableAndASentence() throws {
        let fits = try NuthatchProcess.run(["plan", directory.path, "--cache", "quantized"])
        #expect(fits.output.contains("keys q4, values q4"))
        #expect(fits.output.contains("\nFits: "))
        let tight = try NuthatchProcess.run(["plan", directory.path, "--memory", "1kB"])
        #expect(tight.exitCode == 0)
        #expect(tight.output.contains("\nDoes not fit: weights and workspace take "))
        let long = try NuthatchProcess.run(
            ["plan", directory.path, "--memory", "20MB", "--context", "100000000", "--batch", "2"])
        #expect(long.output.contains("; use a shorter --context, "))
    }

    @Test(arguments: [
        (["--context", "0"], "--context is 0; choose 1 to 2147483648."),
        (["--batch", "0"], "--batch is 0; choose 1 to 1000000."),
        (
            ["--context", "5", "--kv-capacity", "6"],
            "--context 5 contradicts --kv-capacity 6; leave one of them out."
        ),
        (
            ["--memory", "6GBs"],
            "The value '6GBs' is invalid for '--memory <bytes>': give a number of bytes with or without a unit "
                + "of kB, MB, GB, KiB, MiB, GiB"
        ),
        (
            ["--cache", "sliding_window"],
            "A sliding_window cache was asked for, but no layer of the model has a window. Say how many tokens "
                + "to keep (--kv-retention window=N), or choose another cache."
        ),
    ])
    func planRefusesInASentence(arguments: [String], sentence: String) throws {
        let result = try NuthatchProcess.run(["plan", directory.path] + arguments)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains(sentence), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test func perplexityComparesACacheWithFloats() throws {
        let text = try directory.write((0..<500).map { UInt8(32 + $0 * $0 % 90) }, as: "text.txt")
        let half = try json("perplexity", directory.path, text, "--context", "128", "--tokens", "300")
        #expect(half["text_tokens"] as? Int == 300)
        #expect(half["windows"] as? Int == 3)
        #expect(half["predicted_tokens"] as? Int == 297)
        #expect(try #require(half["mean_kl_divergence"] as? Double) > 0)
        #expect(try #require(half["mean_kl_divergence"] as? Double) < 1e-3)
        #expect(half["bits_per_value"] as? Double == 24)
        #expect(try #require(half["perplexity"] as? Double) > 1)
        let exact = try json(
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
        #expect(context.errors.contains("The context to measure with is 257 tokens. Choose 2 to 256"))
    }

    @Test func runEndsWithATableOfTheCache() throws {
        let arguments = [
            "run", "--model", directory.path, "--raw", "--temperature", "0", "--ignore-end",
            "--max-new-tokens", "60", "0123456789", "--show-cache",
        ]
        let result = try NuthatchProcess.run(arguments)
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

        let report = try json(
            "run", "--model", directory.path, "--raw", "--ignore-end", "--max-new-tokens", "60", "0123456789",
            "--show-cache", "--kv-retention", "window=8", "--kv-capacity", "200")
        let layers = try #require(report["cache"] as? [[String: Any]])
        #expect(layers.count == 2)
        #expect(layers[1]["tokens_seen"] as? Int == 69)
        #expect(layers[1]["tokens_kept"] as? Int == 69)
        #expect(layers[1]["retention"] as? String == "window=8")
        #expect(layers[1]["spare_pages"] as? Int == 2)
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

    @Test func aStaticCacheReservesTheContextInForce() throws {
        let text = try directory.write((0..<100).map { UInt8(32 + $0 % 90) }, as: "text.txt")
        let result = try json("perplexity", directory.path, text, "--context", "64", "--cache", "static")
        #expect(result["kv_bytes"] as? Int == 2 * pageByteCount)
        let whole = try json("plan", directory.path, "--cache", "static")
        #expect(whole["kv_bytes"] as? Int == 2 * 4 * pageByteCount)
    }
}
