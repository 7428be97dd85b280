import Foundation
import NuthatchTestSupport
import Testing

@Suite struct QuantizeCommandTests {
    private let directory: TemporaryDirectory
    private let output: TemporaryDirectory

    init() throws {
        let tiny = TinyLlama(
            headDimension: 16, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize)
        directory = try tiny.write()
        try TinyTokenizer.write(to: directory, addsBeginning: true)
        output = try TemporaryDirectory()
    }

    private var target: String { "\(output.path)/model.gguf" }

    @Test func aWrittenFileRuns() throws {
        let written = try NuthatchProcess.run(["quantize", directory.path, target, "--type", "q8_0"])
        #expect(written.exitCode == 0, "\(written.errors)")
        #expect(written.errors.isEmpty)
        #expect(written.output.contains("\n  Q8_0 "))
        #expect(written.output.contains("are F16, since rows of 24 are no whole number of Q8_0 blocks"))
        let arguments = [
            "run", "--raw", "--temperature", "0", "--ignore-end", "--max-new-tokens", "5", "seed", "--json",
        ]
        let answer = try NuthatchProcess.run(arguments + ["--model", target])
        #expect(answer.exitCode == 0, "\(answer.errors)")
    }

    @Test func theReportIsOneObject() throws {
        let written = try NuthatchProcess.run(
            ["quantize", directory.path, target, "--type", "q4_1", "--pure", "--json"])
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(written.output.utf8)) as? [String: Any])
        #expect(report["type"] as? String == "q4_1")
        #expect(report["path"] as? String == target)
        #expect(report["bytes"] as? Int == (try Data(contentsOf: URL(filePath: target))).count)
        let formats = try #require(report["formats"] as? [[String: Any]])
        #expect(Set(formats.compactMap { $0["format"] as? String }) == ["Q4_1", "F16", "F32"])
    }

    @Test func whatIsThereIsKeptUnlessForced() throws {
        try output.write([1, 2], as: "model.gguf")
        let refused = try NuthatchProcess.run(["quantize", directory.path, target, "--type", "f16"])
        #expect(refused.exitCode == 64)
        #expect(
            refused.errors
                == "nuthatch: There is a file at \(target) already. Choose another name, or say that it "
                + "may be replaced (--force).\n")
        let forced = try NuthatchProcess.run(
            ["quantize", directory.path, target, "--type", "f16", "--force"])
        #expect(forced.exitCode == 0)
    }

    @Test(arguments: [
        (["--type", "q3_k"], "The value 'q3_k' is invalid for '--type <type>'."),
        ([], "Missing expected argument '--type <type>'"),
        (["--type", "q8_0", "--threads", "0"], "0 threads were asked for."),
    ])
    func badUsageGetsASentence(arguments: [String], sentence: String) throws {
        let result = try NuthatchProcess.run(["quantize", directory.path, target] + arguments)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains(sentence), "\(result.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: output.path).isEmpty)
    }
}
