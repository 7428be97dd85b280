import Foundation
import NuthatchCheckpoints
import NuthatchTensors
import NuthatchTokenizers

/// The ids that transformers gives conversations turn by turn, recorded by Scripts/goldens/conversation_tokens.py.
struct TurnGoldens {
    struct Case {
        let name: String
        let tokenizer: Tokenizer
        let template: ChatTemplate
        /// The ids of each turn's prompt.
        let ids: [[TokenID]]
    }

    /// What is asked and answered, in each case alike.
    let turns: [(question: String, answer: String)]
    let cases: [Case]

    init() throws {
        let file = try TokenizerGoldens.json("turns.json")
        turns = (file["turns"]?.value.array ?? []).map { turn in
            (turn.array?[0].string ?? "", turn.array?[1].string ?? "")
        }
        cases = try (file["cases"]?.value.array ?? []).map { entry in
            let (folder, name) = (entry["tokenizer"]?.string ?? "", entry["template"]?.string ?? "")
            let source = try entry["source"]?.string ?? ChatTemplateGoldens.source(name)
            return Case(
                name: "\(folder), \(name)", tokenizer: try TokenizerGoldens.tokenizer(folder),
                template: try ChatTemplate(source: source),
                ids: (entry["ids"]?.array ?? []).map { TokenizerGoldens.ids($0.string ?? "") })
        }
    }

    /// The conversation before each answer.
    var conversations: [[ChatMessage]] {
        turns.indices.map { last in
            turns[..<last].flatMap {
                [ChatMessage(role: "user", $0.question), ChatMessage(role: "assistant", $0.answer)]
            } + [ChatMessage(role: "user", turns[last].question)]
        }
    }
}

extension ChatTemplate {
    /// Renders with the names that the tokenizer's files give to tokens.
    func rendered(_ messages: [ChatMessage], for tokenizer: Tokenizer) throws -> RenderedPrompt {
        return try rendered(
            messages: messages,
            variables: tokenizer.templateVariables,
            date: ChatTemplateGoldens.date)
    }
}
