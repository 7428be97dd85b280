import ArgumentParser
import NuthatchGeneration
import NuthatchTensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a conversation becomes a prompt.
struct ConversationOptionGroup: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Read markup such as <|im_end|> in messages as tokens. By default only the chat template's own text has "
                + "markup, so that a message can't end its turn or begin another."))
    var readMarkupInContent = false
}

/// A file that holds a chat template, or 'none'.
struct ChatTemplateArgument: ExpressibleByArgument {
    /// Nil for none.
    let path: String?

    init(argument: String) { path = argument == "none" ? nil : argument }

    var isNone: Bool { path == nil }

    func read() throws(NuthatchError) -> LoadOptions.Template {
        guard let given = path else { return .none }
        let path = try FileArgument.named(given, by: "--chat-template")
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw NuthatchError(
                code: .unavailable, message: "The chat template \(path) can't be read.",
                remedy: "Name a file that holds a template, or 'none'.", cause: error)
        }
        guard let source = String(validating: data, as: UTF8.self) else {
            throw NuthatchError(
                code: .badData, message: "The chat template \(path) is not UTF-8.",
                remedy: "Save it as UTF-8, or name another file.")
        }
        return .source(source)
    }
}
