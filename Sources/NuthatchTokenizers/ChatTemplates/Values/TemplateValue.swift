/// A value while a template runs: Python's kinds, as far as templates meet them.
///
/// Namespaces, loops and macros are numbers into the evaluator's tables, not references: a template can neither
/// build a cycle of values that is never freed nor a chain whose freeing runs out of stack.
enum TemplateValue: Sendable {
    case undefined(TemplateUndefined)
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    /// Compared, indexed and measured in code points, as Python does; never by Swift's graphemes.
    case string(TemplateText)
    case sequence(TemplateSequence)
    case dictionary(TemplateDictionary)
    case namespace(Int)
    case loop(Int)
    case callable(TemplateCallable)
}

/// Why a value is undefined, for the message of whoever uses it.
enum TemplateUndefined: Sendable {
    case name(String)
    case member(String, ofKind: String)
    case parameter(String)
    case noElement
    case noResult

    var explanation: String {
        switch self {
        case .name(let name): "'\(name)' is undefined"
        case .member(let name, let kind): "\(kind) has no member '\(name)'"
        case .parameter(let name): "the parameter '\(name)' was not given"
        case .noElement: "the sequence is empty"
        case .noResult: "the condition failed and has no 'else'"
        }
    }
}

/// Something that can be called.
indirect enum TemplateCallable: Sendable {
    case global(TemplateGlobal)
    case macro(Int)
    case method(String, of: TemplateValue)
    /// A method that would change its receiver.
    case forbidden(String, ofKind: String)
}

extension TemplateValue {
    /// A string of which nothing is known: content.
    static func string(_ content: String) -> TemplateValue { .string(TemplateText(given: content)) }

    /// A string the template wrote itself.
    static func own(_ text: String) -> TemplateValue { .string(TemplateText(own: text)) }

    /// What an error message calls a value of this kind.
    var kindDescription: String {
        switch self {
        case .undefined: "something undefined"
        case .none: "none"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .float: "a float"
        case .string: "a string"
        case .sequence(let sequence): sequence.kind.description
        case .dictionary: "a dictionary"
        case .namespace: "a namespace"
        case .loop: "a loop"
        case .callable: "a function"
        }
    }

    /// Python's truth.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): text.byteCount > 0
        case .sequence(let sequence): sequence.kind == .generator || !sequence.items.isEmpty
        case .dictionary(let dictionary): dictionary.count > 0
        case .namespace, .loop, .callable: true
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    var isNone: Bool {
        if case .none = self { true } else { false }
    }

    /// Lists and dictionaries inside one another; 0 for anything else.
    var depth: Int {
        switch self {
        case .sequence(let sequence): sequence.depth
        case .dictionary(let dictionary): dictionary.depth
        case .callable(.method(_, let receiver)): receiver.depth + 1
        default: 0
        }
    }

    /// The whole number that Python's operators see; booleans count as 0 and 1.
    var wholeNumber: Int? {
        switch self {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// The number that Python's operators see.
    var number: Double? {
        if case .float(let value) = self { return value }
        return wholeNumber.map(Double.init)
    }
}
