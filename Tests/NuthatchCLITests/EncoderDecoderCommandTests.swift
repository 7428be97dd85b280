import Foundation
import NuthatchTestSupport
import Testing

/// An encoder-decoder at the command line, as any other model.
@Suite struct EncoderDecoderCommandTests {
    private let model = EncoderDecoderAnswers("t5-gated")
    private let directory: TemporaryDirectory

    init() throws { directory = try model.write() }

    private func refusal(_ arguments: String...) throws -> String {
        let result = try NuthatchProcess.run(arguments)
        #expect(result.exitCode != 0)
        #expect(result.output.isEmpty)
        return result.errors
    }

    @Test func runAnswersASource() throws {
        let golden = try model.golden()
        let arguments = [
            "run", "-m", directory.path, "--weights", "f32", "--kv-keys", "f32", "--kv-values", "f32",
            "--temperature", "0", "--max-new-tokens", "24", golden.texts[0],
        ]
        let shown = try NuthatchProcess.run(arguments)
        #expect(shown.output == golden.answerTexts[0] + "\n", "\(shown.errors)")
        #expect(shown.errors.contains("prompt \(golden.sources[0].count) tokens (0 cached)"))
        let result = try NuthatchProcess.run(arguments + ["--json", "--show-cache"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(object["token_ids"] as? [Int] == golden.answers[0].map(Int.init))
        #expect((object["cache"] as? [Any])?.count == 2)
        let source = try #require(object["source_cache"] as? [[String: Any]])
        #expect(
            source.map { $0["tokens_kept"] as? Int } == [golden.sources[0].count, golden.sources[0].count])
        let table = try NuthatchProcess.run(arguments + ["--show-cache"])
        #expect(table.errors.contains("\nsource 0-1"), "\(table.errors)")
    }

    @Test func runReadsAGGUFFile() throws {
        let result = try NuthatchProcess.run([
            "run", "-m", model.gguf, "--max-new-tokens", "5", "--ignore-end", "the bark",
        ])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.contains("| generated 5 |"), "\(result.errors)")
    }

    @Test func infoAndPlanTellOfBothHalves() throws {
        for path in [directory.path, model.gguf] {
            let info = try NuthatchProcess.json("info", path, "--cache", "dynamic")
            let architecture = try #require(info["architecture"] as? [String: Any])
            #expect(architecture["family"] as? String == "T5")
            #expect(architecture["layers"] as? Int == 2)
            #expect(architecture["encoder_layers"] as? Int == 3)
            // Two layers of five heads of 12 keys, and 12 values filled up to 16, 2 bytes each.
            #expect(info["kv_bytes_per_token"] as? Double == Double(2 * 5 * 28 * 2))
            #expect(info["kv_bytes_per_source_token"] as? Double == Double(2 * 5 * 28 * 2))
            let lengths = ["plan", path, "--context", "64", "--source", "128"]
            let plan = try NuthatchProcess.json(lengths + ["--cache", "dynamic"])
            let page = 64 * 5 * 28 * 2
            #expect(plan["source"] as? Int == 128)
            #expect(plan["kv_bytes"] as? Int == 2 * page + 2 * 2 * page)
            #expect(
                plan["kv_bytes_by_layer_kind"] as? [String: Int] == ["full": 2 * page, "source": 4 * page])
            // A byte each, and of every head four regions of 64 bytes for scales and offsets.
            let coded = 5 * (64 * 28 + 4 * 64)
            let codes = try NuthatchProcess.json("info", path)
            #expect(codes["kv_bytes_per_token"] as? Double == Double(2 * coded) / 64)
            #expect(codes["kv_bytes_per_source_token"] as? Double == Double(2 * coded) / 64)
            let both = try NuthatchProcess.json(lengths)
            #expect(
                both["kv_bytes_by_layer_kind"] as? [String: Int]
                    == ["full": 2 * (page + coded), "source": 4 * (page + coded)])
            #expect(both["f16_kv_bytes"] as? Int == plan["kv_bytes"] as? Int)
            let table = try NuthatchProcess.run(lengths)
            #expect(table.output.contains("for 1 sequence of 64 tokens answering 128 "), "\(table.output)")
        }
    }

    @Test func whatItCanNotDoIsRefused() throws {
        let kind = "takes a model that continues a text; "
        #expect(try refusal("chat", "-m", directory.path).contains("A chat \(kind)"))
        #expect(try refusal("bench", directory.path).contains("A benchmark \(kind)"))
        #expect(
            try refusal("run", "-m", directory.path, "--system", "Be kind.", "x").contains(
                "A system message \(kind)"))
        #expect(
            try refusal("run", "-m", directory.path, "--kv-retention", "sinks=4+60", "x").contains(
                "a T5 model's queries can't be moved there"))
        #expect(
            try refusal("plan", directory.path, "--cache", "static").contains(
                "a T5 model's is as long as memory allows"))
        #expect(try refusal("info", directory.path, "--kv-retention", "sinks=4+60").isEmpty == false)
    }
}
