public import NuthatchTensors

/// Why a chat template could not be read or rendered: the `cause` of the `NuthatchError` that `ChatTemplate` throws.
public enum TemplateError: Error, Sendable, Equatable {
    /// The source is no well-formed template.
    case malformed(at: TemplatePosition, reason: String)
    /// A tag, filter, test, method or global that is not interpreted; `supported` lists what is.
    case unsupported(at: TemplatePosition, construct: String, supported: String)
    /// Something undefined was used for more than printing or testing it.
    case undefined(at: TemplatePosition, reason: String)
    /// An operation met a value of a kind, or a content, that it does not take.
    case invalidOperation(at: TemplatePosition, reason: String)
    /// The template tried to change a list or dictionary, or to reach a private name: the sandbox forbids it.
    case forbidden(at: TemplatePosition, reason: String)
    /// The template asks for today's date and the caller gave none.
    case dateMissing(at: TemplatePosition)
    /// The template itself refused the conversation, with `raise_exception(message)`.
    case raised(message: String)
    /// A limit was met before the memory or time it guards was spent.
    case limitExceeded(at: TemplatePosition, limit: String, allowed: Int)
}

extension TemplateError: ExplainedError {
    package var code: NuthatchError.Code {
        switch self {
        case .dateMissing: .usage
        default: .badData
        }
    }

    package var message: String {
        switch self {
        case .malformed(let position, let reason):
            "The chat template is malformed at \(position): \(reason)."
        case .unsupported(let position, let construct, _):
            "The chat template uses \(construct) at \(position), which is not interpreted."
        case .undefined(let position, let reason):
            "The chat template uses something undefined at \(position): \(reason)."
        case .invalidOperation(let position, let reason):
            "The chat template failed at \(position): \(reason)."
        case .forbidden(let position, let reason):
            "The chat template tried something forbidden at \(position): \(reason)."
        case .dateMissing(let position):
            "The chat template asks for the current date at \(position), and none was given."
        case .raised(let message):
            "The chat template refused the conversation" + Self.sentenceEnd(message)
        case .limitExceeded(let position, let limit, let allowed):
            "The chat template exceeds the limit of \(allowed) \(TemplateLimits.quantity(limit)) at \(position)."
        }
    }

    package var remedy: String? {
        switch self {
        case .malformed, .invalidOperation, .forbidden: "Correct the template, or pass another one."
        case .unsupported(_, _, let supported): "Supported: \(supported)."
        case .undefined: "Pass the missing variable or message field, or correct the template."
        case .dateMissing: "Pass a date when rendering."
        case .raised: "Change the conversation as the message says."
        case .limitExceeded: "Shorten the conversation or simplify the template."
        }
    }

    /// The template's own words, closed where it left them open.
    private static func sentenceEnd(_ message: String) -> String {
        let words = message.trimmed
        guard let last = words.last else { return "." }
        return ": \(words)" + (".!?…。！？".contains(last) ? "" : ".")
    }

    /// The message, then the remedy.
    public var description: String {
        guard let remedy else { return message }
        return "\(message) \(remedy)"
    }
}

/// A place in a template's source, line and column counted from 1, columns in code points.
public struct TemplatePosition: Sendable, Hashable, CustomStringConvertible {
    /// The line.
    public let line: Int
    /// The column.
    public let column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    static let start = TemplatePosition(line: 1, column: 1)

    /// As error messages write it.
    public var description: String { "line \(line), column \(column)" }
}
