import Foundation
import NuthatchTestSupport
import Testing

/// What commands do with a model's chat template, and with one that can't be read.
@Suite struct ChatTemplateCommandTests {
    private static let plain = "{% for m in messages %}{{ m.content }}<|e|>{% endfor %}"

    /// A model of bytes whose tokenizer puts `<s>` before texts, with a chat template.
    private func model(_ template: String) throws -> TemporaryDirectory {
        let special = ["<|e|>"]
        let tiny = TinyLlama(vocabularySize: TinyTokenizer.vocabularySize + special.count)
        let directory = try tiny.write()
        try TinyTokenizer.write(to: directory, addsBeginning: true, special: special)
        try directory.write(Array(template.utf8), as: "chat_template.jinja")
        return directory
    }

    private func promptTokenCount(_ model: String, _ arguments: String...) throws -> Int {
        let result = try NuthatchProcess.run(
            ["run", "-m", model, "--max-new-tokens", "1", "--json"] + arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let usage = try #require(object?["usage"] as? [String: Any])
        return try #require(usage["prompt_tokens"] as? Int)
    }

    @Test(arguments: [
        ("{{ messages[0].content | frobnicate }}", "uses the filter 'frobnicate' at line 1"),
        ("{% if %}", "is malformed at line 1"),
    ])
    func aTemplateThatCannotBeReadRefusesConversationsAlone(template: String, reason: String) throws {
        let directory = try model(template)
        let path = directory.path
        #expect(try promptTokenCount(path, "--raw", "hi") == 3)
        #expect(try promptTokenCount(path, "--chat-template", "none", "hi") == 3)
        let bench = try NuthatchProcess.run([
            "bench", path, "--prompt-tokens", "4", "--generate-tokens", "2", "--repetitions", "1",
        ])
        #expect(bench.exitCode == 0, "\(bench.errors)")

        for arguments in [["run", "-m", path, "hi"], ["chat", "-m", path]] {
            let refused = try NuthatchProcess.run(arguments)
            #expect(refused.exitCode == 65)
            #expect(refused.output.isEmpty)
            #expect(refused.errors.contains("chat template can't be used. The chat template \(reason)"))
            #expect(refused.errors.contains("(--chat-template FILE)"))
        }
        let info = try NuthatchProcess.run(["info", path])
        #expect(info.exitCode == 0)
        #expect(info.output.contains("chat template can't be read: The chat template \(reason)"))

        try directory.write(Array(Self.plain.utf8), as: "other.jinja")
        #expect(try promptTokenCount(path, "--chat-template", path + "/other.jinja", "hi") == 3)
        let missing = try NuthatchProcess.run([
            "run", "-m", path, "--chat-template", path + "/none.jinja", "hi",
        ])
        #expect(missing.exitCode == 69)
        #expect(missing.errors.contains("none.jinja can't be read"))
    }

    @Test(arguments: [
        ("{{ frobnicate() }}", "The chat template uses something undefined at line 1, column 14"),
        ("{# nothing #}", "chat template makes no text of the conversation."),
    ])
    func aTemplateThatCannotBeRenderedIsToldWhatElseThereIs(template: String, reason: String) throws {
        let directory = try model(template)
        let refused = try NuthatchProcess.run(["run", "-m", directory.path, "hi"])
        #expect(refused.exitCode == 65 && refused.errors.contains(reason), "\(refused.errors)")
        #expect(
            refused.errors.hasSuffix(
                "Load it with another one (--chat-template FILE), or complete raw text instead (nuthatch run --raw).\n"
            ))
    }

    @Test func templatesOfWhichNoneIsTheDefaultAreNamed() throws {
        let directory = try model(Self.plain)
        let config = directory.path + "/tokenizer_config.json"
        var object =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: config))) as? [String: Any]
        object?["chat_template"] = [["name": "tool_use", "template": Self.plain]]
        try directory.write(
            Array(try JSONSerialization.data(withJSONObject: try #require(object))),
            as: "tokenizer_config.json")
        try FileManager.default.removeItem(atPath: directory.path + "/chat_template.jinja")
        let sentence = "\(directory.path) has 1 chat template, named tool_use, and none is named default."
        let refused = try NuthatchProcess.run(["run", "-m", directory.path, "hi"])
        #expect(refused.exitCode == 65 && refused.errors.contains(sentence), "\(refused.errors)")
        #expect(try NuthatchProcess.run(["info", directory.path]).output.contains(sentence))
        #expect(try promptTokenCount(directory.path, "--raw", "hi") == 3)
    }

    @Test func aTemplateThatIsGivenAndCannotBeReadIsRefused() throws {
        let directory = try model(Self.plain)
        try directory.write(Array("{% if %}".utf8), as: "broken.jinja")
        let refused = try NuthatchProcess.run([
            "run", "-m", directory.path, "--chat-template", directory.path + "/broken.jinja", "hi",
        ])
        #expect(refused.exitCode == 65)
        #expect(refused.errors.contains("is malformed at line 1"))
    }

    @Test(arguments: [
        (plain, 3), ("{# bos_token is the tokenizer's #}" + plain, 3),
        ("{% if false %}{{ bos_token }}{% endif %}" + plain, 3), ("{{ bos_token }}" + plain, 4),
    ])
    func aDirectorysConversationBeginsAsItsTemplateWritesIt(template: String, count: Int) throws {
        let directory = try model(template)
        // The directory goes with its last use.
        defer { withExtendedLifetime(directory) {} }
        #expect(try promptTokenCount(directory.path, "hi") == count)
    }

    @Test(arguments: [
        plain, "{# bos_token is the tokenizer's #}" + plain,
        "{% if false %}{{ bos_token }}{% endif %}" + plain,
        "{{ bos_token }}" + plain,
    ])
    func aGGUFFilesConversationBeginsWithOneToken(template: String) throws {
        let directory = try model(template)
        let file = directory.path + "/model.gguf"
        let written = try NuthatchProcess.run(["quantize", directory.path, file, "--type", "f16"])
        #expect(written.exitCode == 0, "\(written.errors)")
        #expect(try promptTokenCount(file, "hi") == 4)
    }

    @Test func markupInAMessageIsTextUnlessItIsAskedFor() throws {
        let directory = try model(Self.plain)
        let path = directory.path
        defer { withExtendedLifetime(directory) {} }
        #expect(try promptTokenCount(path, "a<|e|>b") == 2 + 5 + 1)
        #expect(try promptTokenCount(path, "--read-markup-in-content", "a<|e|>b") == 2 + 1 + 1)
        #expect(try promptTokenCount(path, "--raw", "a<|e|>b") == 1 + 2 + 1)
    }
}
