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

    private func json(_ arguments: String..., exitCode: Int32 = 0) throws -> [String: Any] {
        let result = try NuthatchProcess.run(arguments + ["--json"])
        #expect(result.exitCode == exitCode, "\(result.errors)")
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
        #expect(most == 256)
        #expect(try #require(context["total_bytes"] as? Int) <= 64 << 20)
        let batch = try json("plan", directory.path, "--context", "256", "--memory", "64MiB")
        #expect(try #require(batch["max_batch"] as? Int) > 1)
    }

    @Test func planReadsAsATableAndASentence() throws {
        let fits = try NuthatchProcess.run(["plan", directory.path, "--cache", "quantized"])
        #expect(fits.output.contains("keys q4, values q4"))
        #expect(fits.output.contains("\nFits: "))
        let tight = try NuthatchProcess.run(["plan", directory.path, "--memory", "1kB"])
        #expect(tight.exitCode == 69)
        #expect(tight.errors.isEmpty)
        #expect(tight.output.contains("\nDoes not fit: weights and workspace take "))
    }

    private static let shape = ["--layers", "32", "--kv-heads", "32", "--head-dimension", "128"]

    /// An A10 has 24 GB; a model of 7 billion parameters takes 14 GB of them at 16 bits.
    @Test func planNeedsNoModel() throws {
        func plan(_ arguments: String..., exitCode: Int32 = 0) throws -> [String: Any] {
            let result = try NuthatchProcess.run(["plan"] + Self.shape + arguments + ["--json"])
            #expect(result.exitCode == exitCode, "\(result.errors)")
            return try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        }
        let most = try plan("--weights", "14GiB", "--memory", "24GiB")
        #expect(most["max_context"] as? Int == 20_480)
        #expect(most["weight_bytes"] as? Int == 14 << 30)
        #expect(most["kv_bytes_per_token"] as? Double == 524_288)
        #expect(most["context_length"] == nil)
        let again = try plan(
            "--weights", "14GiB", "--memory", "24GiB", "--context", "20481", exitCode: 69)
        #expect(again["max_batch"] as? Int == 0)
        #expect(again["fits"] as? Bool == false)
        let long = try NuthatchProcess.run(
            ["plan", "--memory", "20MB", "--context", "100000000", "--batch", "2"] + Self.shape)
        #expect(long.exitCode == 69)
        #expect(long.output.contains("; use a shorter --context, "))
    }

    @Test func planReadsAConfigurationAlone() throws {
        let alone = try TemporaryDirectory()
        let config = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/config.json"))
        try alone.write(Array(config), as: "config.json")
        let whole = try json("plan", directory.path)
        for path in [alone.path, alone.path + "/config.json"] {
            let plan = try json("plan", path)
            #expect(plan["kv_bytes"] as? Int == whole["kv_bytes"] as? Int)
            #expect(plan["context_length"] as? Int == 256)
            #expect(try json("plan", path, "--weights", "14kB")["weight_bytes"] as? Int == 14_000)
        }
    }

    @Test(arguments: [
        (
            ["--layers", "2"],
            "--layers 2 describes a model that is not here; say --kv-heads and --head-dimension too."
        ),
        (
            shape + ["--weights", "q8"],
            "--weights q8 says how a model's own weights are computed, and --layers 32"
        ),
        (
            shape + ["--source", "9"],
            "--source 9 is of an encoder-decoder, which --layers 32 does not describe"
        ),
        (shape + ["smollm2"], "--layers 32 describes a model that is not here, and smollm2 names one"),
        (["--layers", "0", "--kv-heads", "1", "--head-dimension", "8"], "--layers is 0; choose 1 to 4096."),
        (
            ["--weights", "many"],
            "choose native, f32, bf16, q8, or the bytes of a model that is not here: 14GB"
        ),
    ])
    func planRefusesHalfAModel(arguments: [String], sentence: String) throws {
        let result = try NuthatchProcess.run(["plan"] + arguments)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains(sentence), "\(result.errors)")
        #expect(result.output.isEmpty)
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
                + "of kB, MB, GB, TB, KiB, MiB, GiB, TiB"
        ),
        (
            ["--kv-retention", "compressive=64"],
            "The cache keeps a compressive memory of layer 0; this Llama model has no trained gates to mix it in."
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
        #expect(half["weights"] as? String == "f32")
        #expect(half["computing_mean_kl_divergence"] == nil)
        let coarse = try json(
            "perplexity", directory.path, text, "--context", "128", "--tokens", "300", "--weights", "q8")
        #expect(coarse["mean_kl_divergence"] as? Double == half["mean_kl_divergence"] as? Double)
        #expect(coarse["reference_perplexity"] as? Double == half["reference_perplexity"] as? Double)
        #expect(
            try #require(coarse["computing_mean_kl_divergence"] as? Double)
                > 10 * (try #require(half["mean_kl_divergence"] as? Double)))
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
        #expect(
            context.errors.contains("A context of 257 tokens was asked for; the model was made for 256."))
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
