import Foundation
import NuthatchCheckpoints
import NuthatchTokenizers

/// What jinja2 made of templates, recorded by Scripts/goldens/chat_templates.py.
enum ChatTemplateGoldens {
    /// What a rendering gave, or which kind of error it ended with.
    enum Outcome: Equatable {
        case text(String)
        case raised(String)
        case error(String)
    }

    struct Case {
        let template: String
        let source: String
        let name: String
        let variables: [ChatMember]
        let outcome: Outcome
    }

    /// The date the script renders with: 2026-02-03 14:05:09, a Tuesday.
    static let date = ChatDate(year: 2026, month: 2, day: 3, hour: 14, minute: 5, second: 9)

    static func source(_ template: String) throws -> String {
        let file = folder.appendingPathComponent("Templates/\(template).jinja")
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    static func conversations() throws -> [Case] {
        let file = try json("conversations.json")
        let common = members(file["common"])
        let conversations = file["conversations"]?.object
        return try (file["cases"]?.array ?? []).map { entry in
            let template = entry["template"]?.string ?? ""
            let name = entry["conversation"]?.string ?? ""
            return Case(
                template: template, source: try source(template), name: name,
                variables: common + members(conversations?[name]), outcome: outcome(entry))
        }
    }

    static func language() throws -> [Case] {
        let file = try json("language.json")
        let variables = members(file["variables"])
        return (file["cases"]?.array ?? []).map { entry in
            let source = entry["source"]?.string ?? ""
            return Case(
                template: "snippet", source: source, name: source, variables: variables,
                outcome: outcome(entry))
        }
    }

    /// Random expressions, recorded by Scripts/goldens/template_expressions.py; any kind of error is one kind.
    static func expressions() throws -> [Case] {
        let file = try json("expressions.json")
        let variables = members(file["variables"])
        return (file["cases"]?.array ?? []).map { entry in
            let source = entry.array?[0].string ?? ""
            return Case(
                template: "expression", source: source, name: source, variables: variables,
                outcome: entry.array?[1].string.map(Outcome.text) ?? .error(""))
        }
    }

    static func rendered(_ golden: Case) -> Outcome {
        do {
            return .text(
                try ChatTemplate(source: golden.source, limits: TemplateLimits()).render(
                    variables: golden.variables, date: date))
        } catch {
            return switch error {
            case .raised(let message): .raised(message)
            case .malformed: .error("malformed")
            case .unsupported: .error("unsupported")
            case .undefined: .error("undefined")
            case .invalidOperation: .error("invalidOperation")
            case .forbidden: .error("forbidden")
            case .dateMissing: .error("dateMissing")
            case .limitExceeded: .error("limitExceeded")
            }
        }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens/ChatTemplates")

    private static func json(_ name: String) throws -> JSONValue {
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        return try data.withUnsafeBytes { try JSONParser.parse($0, file: name) }
    }

    private static func members(_ value: JSONValue?) -> [ChatMember] {
        (value?.object?.members ?? []).map { ChatMember($0.key, ChatValue($0.value)) }
    }

    private static func outcome(_ entry: JSONValue) -> Outcome {
        if let text = entry["text"]?.string { return .text(text) }
        if let message = entry["raised"]?.string { return .raised(message) }
        return .error(entry["error"]?.string ?? "")
    }
}
