import Foundation
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchTensors
import NuthatchTokenizers
import Testing

/// Conversations turn by turn: the tokens of the whole, and the answers' own where the tokenizer would split otherwise.
@Suite struct TranscriptTests {
    private static let goldens = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "NuthatchTokenizersTests/Goldens")

    private func json(_ path: String) throws -> JSONField {
        let file = Self.goldens.appending(path: path).path
        return JSONField(
            try JSONParser.parse(try String(contentsOfFile: file, encoding: .utf8), file: file), file: file)
    }

    private func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(
            json: json("\(name)/tokenizer.json"), configuration: json("\(name)/tokenizer_config.json"))
    }

    private func template(_ name: String) throws -> ChatTemplate {
        let file = Self.goldens.appending(path: "ChatTemplates/Templates/\(name).jinja")
        return try ChatTemplate(source: try String(contentsOf: file, encoding: .utf8))
    }

    private func rendered(
        _ template: ChatTemplate, _ messages: [ChatMessage], _ tokenizer: Tokenizer
    ) throws -> RenderedPrompt {
        try template.rendered(
            messages: messages,
            variables: [
                ChatMember("bos_token", .string(tokenizer.beginningOfSequence.map(tokenizer.text) ?? "")),
                ChatMember("eos_token", .string(tokenizer.endOfSequence.map(tokenizer.text) ?? "")),
            ], date: ChatDate(year: 2026, month: 2, day: 3))
    }

    /// Each turn's tokens when the conversation grows turn by turn, and when each is computed from nothing. `answer` splits
    /// what the model says.
    private func grow(
        _ turns: [(question: String, answer: String)], template: ChatTemplate, tokenizer: Tokenizer,
        answer: (String) throws -> [TokenID]
    ) throws -> (grown: [[TokenID]], fresh: [[TokenID]]) {
        var transcript = Transcript()
        var messages: [ChatMessage] = []
        var grown: [[TokenID]] = []
        var fresh: [[TokenID]] = []
        let markup = tokenizer.markup(of: template)
        for turn in turns {
            messages.append(ChatMessage(role: "user", turn.question))
            let whole = try rendered(template, messages, tokenizer)
            let prompt = try transcript.prompt(whole, tokenizer: tokenizer, markup: markup)
            grown.append(prompt.tokens)
            fresh.append(try Transcript().prompt(whole, tokenizer: tokenizer, markup: markup).tokens)
            transcript.begin(prompt)
            for token in try answer(turn.answer) {
                transcript.append(token, bytes: tokenizer.bytes(of: token))
            }
            if let end = tokenizer.endOfSequence { transcript.append(end, bytes: tokenizer.bytes(of: end)) }
            messages.append(ChatMessage(role: "assistant", turn.answer))
        }
        return (grown, fresh)
    }

    private func turns() throws -> [(question: String, answer: String)] {
        (try json("turns.json")["turns"]?.value.array ?? []).map { turn in
            (turn.array?[0].string ?? "", turn.array?[1].string ?? "")
        }
    }

    @Test func turnByTurnAConversationHasTheTokensOfTheWhole() throws {
        let turns = try turns()
        for entry in try json("turns.json")["cases"]?.value.array ?? [] {
            let (name, source) = (entry["tokenizer"]?.string ?? "", entry["template"]?.string ?? "")
            let tokenizer = try tokenizer(name)
            let template =
                try entry["source"]?.string.map { try ChatTemplate(source: $0) } ?? template(source)
            let (grown, _) = try grow(turns, template: template, tokenizer: tokenizer) {
                try tokenizer.encode($0, addsSpecialTokens: false)
            }
            let ids = (entry["ids"]?.array ?? []).map {
                $0.string?.split(separator: " ").compactMap { TokenID($0) }
            }
            #expect(grown == ids, "\(name), \(source)")
        }
    }

    @Test(arguments: [
        "gpt2", "smollm", "llama3", "qwen2", "o200k", "deepseek3", "falcon", "llama2", "mistral", "gemma",
        "metaspace",
        "characters", "unigram-bytes", "unigram-first", "turns/first", "turns/strip", "turns/normalized",
    ])
    func everyTemplateGrowsToTheTokensOfTheWhole(name: String) throws {
        let tokenizer = try tokenizer(name)
        let turns = try turns()
        let folder = Self.goldens.appending(path: "ChatTemplates/Templates")
        // hermes_tool_use loops over tools that are not there, in jinja2 too.
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        where file != "hermes_tool_use.jinja" {
            let template = try template(String(file.dropLast(".jinja".count)))
            let (grown, fresh) = try grow(turns, template: template, tokenizer: tokenizer) {
                try tokenizer.encode($0, addsSpecialTokens: false)
            }
            #expect(grown == fresh, "\(file)")
        }
    }

    @Test func anAnswerKeepsTheTokensItWasGeneratedWith() throws {
        let tokenizer = try tokenizer("smollm")
        // Letter by letter, where the tokenizer has words.
        let (grown, fresh) = try grow(
            [("One two three", "the other one"), ("And?", "more of the same"), ("So?", "")],
            template: try template("smollm2"), tokenizer: tokenizer
        ) { text in
            try text.utf8.flatMap { try tokenizer.encode(bytes: [$0], addsSpecialTokens: false) }
        }
        #expect(grown[0] == fresh[0])
        #expect(grown[1].count > fresh[1].count)
        #expect(grown[2].count > grown[1].count)
        // What was computed for a turn is the beginning of the next.
        #expect(grown[1].starts(with: grown[0]))
        #expect(grown[2].starts(with: grown[1]))
        #expect(
            tokenizer.decode(grown[2], skipsSpecialTokens: false)
                == tokenizer.decode(fresh[2], skipsSpecialTokens: false))
    }

    @Test func anAnswerThatTheTemplateChangesIsTokenisedAnew() throws {
        let tokenizer = try tokenizer("smollm")
        let template = try ChatTemplate(
            source:
                "{% for m in messages %}<|im_start|>{{ m.content|trim }}<|im_end|>{% endfor %}<|im_start|>")
        let (grown, fresh) = try grow(
            [("One", " two "), ("three", "")], template: template, tokenizer: tokenizer
        ) { text in
            try text.utf8.flatMap { try tokenizer.encode(bytes: [$0], addsSpecialTokens: false) }
        }
        #expect(grown == fresh)
    }

    @Test func aStartIsAddedWhereTheTextDoesNotBeginWithIt() throws {
        let tokenizer = try tokenizer("turns/begins")
        let start = try #require(tokenizer.beginningOfSequence)
        for (source, count) in [
            ("{{ messages[0].content }}", 1), ("{# bos_token #}{{ messages[0].content }}", 1),
            ("{% if false %}{{ bos_token }}{% endif %}{{ messages[0].content }}", 1),
            ("{{ bos_token }}{{ messages[0].content }}", 1),
            ("{{ bos_token ~ bos_token }}{{ messages[0].content }}", 2),
        ] {
            let template = try ChatTemplate(source: source)
            for content in ["hi", "<|bos|>hi"] {
                let whole = try rendered(template, [ChatMessage(role: "user", content)], tokenizer)
                let prompt = try Transcript().prompt(
                    whole, tokenizer: tokenizer, markup: tokenizer.markup(of: template), start: start)
                #expect(prompt.tokens.prefix(count + 1).filter { $0 == start }.count == count, "\(source)")
                #expect(prompt.tokens.filter { $0 == start }.count == count, "\(source)")
            }
        }
    }
}
