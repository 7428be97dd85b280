import Foundation
import NuthatchCLI
import NuthatchTestSupport
import Testing

/// `explain`, `compare` and `cache-test` as a shell runs them.
@Suite struct ReportCommandTests {
    private let home: TemporaryDirectory
    private let model: TemporaryDirectory
    private let text: String

    init() throws {
        home = try TemporaryDirectory()
        model = try TinyLlama(
            headDimension: 16, maxPositions: 512, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize
        ).write()
        try TinyTokenizer.write(to: model, addsBeginning: true)
        text = try model.write(
            Array(String(repeating: "every seed has a place of its own. ", count: 8).utf8), as: "text.txt")
    }

    private func run(_ arguments: [String], input: String = "") throws -> NuthatchProcess {
        try NuthatchProcess.run(
            arguments, input: input, environment: ["NUTHATCH_HOME": home.path, "NO_COLOR": "1"])
    }

    @Test("An explanation is told as text, as JSON and as a page, the same each time")
    func explanationsAreRendered() throws {
        let page = home.path + "/report.html"
        let arguments = ["explain", "-m", model.path, "seed", "--steps", "2"]
        let told = try run(arguments + ["--html", page])
        #expect(told.exitCode == 0, "\(told.errors)")
        for part in ["Step 0", "Step 1", "cached K", "same bits", "Why Q is not kept"] {
            #expect(told.output.contains(part), "\(part)")
        }
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.contains("Content-Security-Policy") && !html.contains("<script"))
        #expect(html.contains("Why Q is not kept"))
        #expect(
            try run(arguments + ["--json"]).output == run(arguments + ["--json", "--threads", "1"]).output)
        // What is there stays, unless it is said.
        let again = try run(arguments + ["--html", page])
        #expect(again.exitCode == 64 && again.errors.contains(page) && again.output.isEmpty)
        #expect(try run(arguments + ["--html", page, "--force"]).exitCode == 0)
    }

    @Test(
        "Scenarios without a model need none",
        arguments: [
            ("tiny-llama", "step input_shape: [1, 13]"), ("decoder-with-kv-cache", "cache_K: [1, 12, 128]"),
        ])
    func toysNeedNoModel(scenario: String, line: String) throws {
        let told = try run(["explain", "--scenario", scenario])
        #expect(told.exitCode == 0 && told.output.contains(line), "\(told.errors)")
        let refused = try run(["explain", "--scenario", scenario, "-m", model.path])
        #expect(refused.exitCode == 64 && refused.errors.contains("makes its own decoder"))
    }

    @Test("A thousand tokens, here twenty, with and without the cache")
    func theExperimentIsTold() throws {
        let told = try run([
            "explain", "--scenario", "thousand-tokens", "-m", model.path, "--steps", "20", "seed",
        ])
        #expect(told.exitCode == 0, "\(told.errors)")
        for part in ["times as long", "tokens computed", "Seconds of each token", "yes, both ways"] {
            #expect(told.output.contains(part), "\(part)")
        }
    }

    @Test("A comparison is one value in three forms")
    func comparisonsAreRendered() throws {
        let (page, json) = (home.path + "/c.html", home.path + "/c.json")
        let arguments = [
            "compare", model.path, "--prompt-file", text, "--cache", "f16", "--cache", "q8/q4,window=64",
            "--cache", "sinks=4+60,positions=true", "--rounds", "1", "--generate", "2", "--depths", "2",
        ]
        let told = try run(arguments + ["--html", page, "--json", json, "--tolerance", "100"])
        #expect(told.exitCode == 0, "\(told.errors)")
        #expect(told.output.contains("q8/q4,window=64") && told.output.contains("KL divergence by bits"))
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("q8/q4,window=64"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: json))) as? [String: Any])
        let entries = try #require(object["entries"] as? [[String: Any]])
        #expect(
            entries.map { $0["name"] as? String } == ["f16", "q8/q4,window=64", "sinks=4+60,positions=true"])
        #expect(entries[1]["keys"] as? String == "q8" && entries[1]["values"] as? String == "q4")
        #expect((object["recommendation"] as? [String: Any])?["name"] as? String == "f16")
        // One file for both, or what is read, is never written, whatever is forced.
        for (outputs, name) in [
            (["--html", json, "--json", json, "--force"], json), (["--json", text, "--force"], text),
            (["--html", model.path + "/model.safetensors", "--force"], "model.safetensors"),
        ] {
            let refused = try run(arguments + outputs)
            #expect(refused.exitCode == 64 && refused.errors.contains(name), "\(refused.errors)")
        }
        #expect(try String(contentsOfFile: text, encoding: .utf8).hasPrefix("every seed"))
        let refused = try run(arguments + ["--json", json])
        #expect(refused.exitCode == 64 && refused.errors.contains(json))
        let printed = try run(arguments + ["--json", "-"])
        #expect(printed.output.hasPrefix("{") && printed.output.hasSuffix("}\n"))
    }

    @Test(
        "What is no cache is named",
        arguments: [
            ("q9", "'q9'"), ("q8/q4/q2", "'q8/q4/q2'"), ("", "''"), ("positions=true", "'positions=true'"),
            ("static,offloaded", "twice what --cache is"), ("static,disk", "The cache static,disk"),
            ("window=0", "window=0"),
            ("quantized,f16", "The cache quantized,f16"), ("sliding_window", "The cache sliding_window"),
            ("windows=q4", "The cache windows=q4"),
        ])
    func whatIsNoCacheIsNamed(cache: String, named: String) throws {
        let refused = try run(["compare", model.path, "--prompt-file", text, "--cache", cache])
        #expect(refused.exitCode == 64 && refused.output.isEmpty)
        #expect(refused.errors.contains(named), "\(refused.errors)")
    }

    @Test("What a test chose, run takes, and says so; an option overrules it; it can be forgotten")
    func choicesAreTaken() throws {
        let told = try run(["cache-test", model.path, "--prompt-file", text, "--tolerance", "1000"])
        #expect(told.exitCode == 0 && told.output.contains("Keys q2, values q2"), "\(told.errors)")
        let arguments = ["run", "-m", model.path, "--raw", "seed", "--max-new-tokens", "2", "--show-cache"]
        let taken = try run(arguments)
        #expect(taken.errors.contains("holds keys q2, values q2, as cache-test chose"), "\(taken.errors)")
        #expect(!(try run(arguments + ["--cache", "dynamic"]).errors.contains("cache-test")))
        // What says nothing of storage goes with the choice.
        for other in [
            ["--kv-capacity", "100"], ["--kv-placement", "disk"], ["--kv-retention", "window=64"],
        ] {
            let both = try run(arguments + other)
            #expect(both.exitCode == 0 && both.errors.contains("as cache-test chose"), "\(both.errors)")
        }
        let json = try run(arguments + ["--json"]).output
        #expect(json.contains("\"kv_chosen\":true") && json.contains("\"kv_keys\":\"q2\""))
        #expect(!(try run(arguments + ["--no-cache"]).errors.contains("cache-test")))

        let files = try FileManager.default.contentsOfDirectory(atPath: home.path + "/caches")
        #expect(files.count == 1)
        let file = home.path + "/caches/" + (files.first ?? "")
        let whole = try String(contentsOfFile: file, encoding: .utf8)
        for content in ["{}", whole.replacing("\"tolerance\":1000", with: "\"tolerance\":-3"), ""] {
            try Data(content.utf8).write(to: URL(filePath: file))
            let damaged = try run(arguments)
            #expect(damaged.exitCode == 65 && damaged.errors.contains(file), "\(damaged.errors)")
        }
        #expect(try run(["cache-test", model.path, "--forget"]).output == "Forgotten.\n")
        #expect(try run(["cache-test", model.path, "--forget"]).output == "There was no choice.\n")
        #expect(try run(arguments).exitCode == 0)
        #expect(
            try run(["cache-test", model.path, "--prompt-file", text, "--dry-run"]).output.contains(
                "Nothing was written"))
    }
}
