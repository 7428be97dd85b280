import Foundation
import NuthatchTestSupport
import Testing

/// `nuthatch plan`: bytes from a header, a configuration or a shape, and what fits.
@Suite struct PlanCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        let tiny = TinyLlama(maxPositions: 256, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize)
        directory = try tiny.write()
        try TinyTokenizer.write(to: directory)
    }

    /// A page of 64 tokens: one head, 8 keys and 8 values filled up to 16, 2 bytes each.
    private let pageByteCount = 64 * (8 + 16) * 2
    /// A page of as many codes of a byte, with four regions of 64 bytes for scales and offsets.
    private let codedPageByteCount = 64 * (8 + 16) + 4 * 64

    @Test func planSaysTheBytesOfAContext() throws {
        let asked = ["plan", directory.path, "--context", "100", "--batch", "3"]
        let plan = try NuthatchProcess.json(asked + ["--cache", "dynamic"])
        #expect(plan["kv_bytes"] as? Int == 3 * 2 * 2 * pageByteCount)
        #expect(plan["f16_kv_bytes"] as? Int == 3 * 2 * 2 * pageByteCount)
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
        let text = try NuthatchProcess.run(asked + ["--cache", "dynamic"]).output
        #expect(text.contains("(keys f16, values f16; 96 B per token)\n"), "\(text)")

        let codes = try NuthatchProcess.json(asked)
        #expect(codes["kv_keys"] as? String == "q8" && codes["kv_values"] as? String == "q8")
        #expect(codes["kv_bytes"] as? Int == 3 * 2 * (2 * pageByteCount + codedPageByteCount))
        #expect(codes["f16_kv_bytes"] as? Int == 3 * 2 * 2 * pageByteCount)
        #expect(codes["kv_bytes_per_token"] as? Double == Double(2 * codedPageByteCount) / 64)
        let coded = try #require(codes["breakdown"] as? [[String: Any]])
        #expect(coded[0]["open_pages"] as? Int == 2 && coded[0]["sealed_pages"] as? Int == 1)
        #expect(coded[0]["bits_per_value"] as? Double == Double(codedPageByteCount) * 8 / (64 * 16))
        // 47,616 bytes of codes and open pages beside 36,864.
        let sentence = try NuthatchProcess.run(asked).output
        #expect(
            sentence.contains(
                "47.6 kB for 3 sequences of 100 tokens (keys q8, values q8; 56 B per token); 36.9 kB in f16\n"
            ),
            "\(sentence)")
    }

    @Test func planSolvesForTheContextAndForTheBatch() throws {
        let context = try NuthatchProcess.json("plan", directory.path, "--memory", "64MiB")
        let most = try #require(context["max_context"] as? Int)
        #expect(most == 256)
        #expect(try #require(context["total_bytes"] as? Int) <= 64 << 20)
        let batch = try NuthatchProcess.json("plan", directory.path, "--context", "256", "--memory", "64MiB")
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
        let most = try plan("--cache", "dynamic", "--weights", "14GiB", "--memory", "24GiB")
        #expect(most["max_context"] as? Int == 20_480)
        #expect(most["weight_bytes"] as? Int == 14 << 30)
        #expect(most["kv_bytes_per_token"] as? Double == 524_288)
        #expect(most["context_length"] == nil)
        let again = try plan(
            "--cache", "dynamic", "--weights", "14GiB", "--memory", "24GiB", "--context", "20481",
            exitCode: 69)
        #expect(again["max_batch"] as? Int == 0)
        #expect(again["fits"] as? Bool == false)
        // Codes of a byte, a scale and an offset of 2 bytes for 64 of them, and five open pages of 512 KiB a token.
        let codes = try plan("--weights", "14GiB", "--memory", "24GiB")
        let tokenByteCount = 524_288 / 2 + 524_288 / 2 * 4 / 64
        #expect(codes["kv_bytes_per_token"] as? Double == Double(tokenByteCount))
        let pageCount = ((10 << 30) - 5 * 64 * 524_288) / (64 * tokenByteCount)
        #expect(codes["max_context"] as? Int == pageCount * 64 + 63)
        let long = try NuthatchProcess.run(
            ["plan", "--memory", "20MB", "--context", "100000000", "--batch", "2"] + Self.shape)
        #expect(long.exitCode == 69)
        #expect(long.output.contains("; use a shorter --context, "))
    }

    @Test func planReadsAConfigurationAlone() throws {
        let alone = try TemporaryDirectory()
        let config = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/config.json"))
        try alone.write(Array(config), as: "config.json")
        let whole = try NuthatchProcess.json("plan", directory.path)
        for path in [alone.path, alone.path + "/config.json"] {
            let plan = try NuthatchProcess.json("plan", path)
            #expect(plan["kv_bytes"] as? Int == whole["kv_bytes"] as? Int)
            #expect(plan["context_length"] as? Int == 256)
            #expect(
                try NuthatchProcess.json("plan", path, "--weights", "14kB")["weight_bytes"] as? Int == 14_000)
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
}
