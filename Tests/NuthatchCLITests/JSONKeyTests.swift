import Foundation
import NuthatchTestSupport
import Testing

/// Every command's JSON has the keys that Documentation/json.md says, and no other.
@Suite struct JSONKeyTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Documentation/json.md")

    /// The keys of each command; those below `kv_bytes_by_layer_kind` are kinds, not keys.
    private static func documented() throws -> [String: Set<String>] {
        var keys: [String: Set<String>] = [:]
        let text = try String(contentsOf: page, encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let names = cells[0].split(separator: "`").filter { !$0.contains(",") }.map(String.init)
            for command in cells[1].components(separatedBy: ", ") {
                keys[command, default: []].formUnion(names)
            }
        }
        return keys
    }

    private static func keys(of value: Any, at path: String = "") -> Set<String> {
        if let object = value as? [String: Any] {
            if path == "kv_bytes_by_layer_kind" { return [path + ".*"] }
            return object.reduce(into: []) { keys, member in
                keys.formUnion(
                    Self.keys(of: member.value, at: path.isEmpty ? member.key : "\(path).\(member.key)"))
            }
        }
        if let list = value as? [Any], list.contains(where: { $0 is [String: Any] }) {
            return list.reduce(into: []) { $0.formUnion(Self.keys(of: $1, at: path)) }
        }
        return [path]
    }

    private static func object(_ arguments: [String]) throws -> [String: Any] {
        let result = try NuthatchProcess.run(
            arguments + (arguments[0] == "compare" ? ["--json", "-"] : ["--json"]))
        return try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any],
            "\(arguments): \(result.errors)")
    }

    @Test func everyCommandSpeaksAsDocumented() throws {
        let model = try ChatModel.write()
        let text = try model.write(Array("the nuthatch hides every seed".utf8), as: "text.txt")
        let longText = try model.write(
            Array(String(repeating: "the nuthatch hides every seed ", count: 12).utf8), as: "long.txt")
        let output = try TemporaryDirectory()
        let commands: [[String]] = [
            ["run", "-m", model.path, "--max-new-tokens", "2", "--ignore-end", "--show-cache", "seed"],
            [
                "bench", model.path, "--prompt-tokens", "8", "--generate-tokens", "4", "--repetitions", "1",
                "--warm-ups", "0",
            ],
            ["perplexity", model.path, text, "--context", "16"],
            ["plan", model.path], ["plan", model.path, "--memory", "1GiB"], ["info", model.path],
            ["tokenize", "-m", model.path, "seed"], ["list"],
            ["quantize", model.path, output.path + "/m.gguf", "--type", "q8_0"],
            ["explain", "-m", model.path, "seed", "--steps", "2"],
            ["cache-test", model.path, "--prompt-file", longText, "--dry-run"],
            [
                "compare", model.path, "--prompt-file", text, "--cache", "f16", "--cache", "q8", "--rounds",
                "1",
                "--generate", "2", "--depths", "2", "--tolerance", "1000",
            ],
        ]
        let documented = try Self.documented()
        for arguments in commands {
            let object = try Self.object(arguments)
            let keys = Self.keys(of: object)
            let known = documented[arguments[0], default: []]
            #expect(keys.subtracting(known).isEmpty, "\(arguments[0]) prints what json.md does not say")
            if arguments[0] != "list" {
                let model = try #require(object["model"] as? [String: Any], "\(arguments[0])")
                #expect(Set(model.keys) == ["name", "path"])
            }
        }
        let failure = try Self.object(["info", "/no/such/model.gguf"])
        #expect(Self.keys(of: failure).isSubset(of: documented["all", default: []]))
    }

    @Test func keysHaveOneStyle() throws {
        for key in try Self.documented().values.joined() {
            #expect(
                key.allSatisfy { ($0.isLowercase && $0.isASCII) || $0.isNumber || "_.*".contains($0) },
                "\(key)")
        }
    }
}
