/// One token of a template, and where it begins.
struct TemplateToken {
    enum Kind: Equatable {
        case text(String)
        case outputBegin
        case outputEnd
        case tagBegin
        case tagEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(TemplateSymbol)
        case end
    }

    let kind: Kind
    let position: TemplatePosition

    /// As an error message names it.
    var description: String {
        switch kind {
        case .text: "text"
        case .outputBegin: "'{{'"
        case .outputEnd: "'}}'"
        case .tagBegin: "'{%'"
        case .tagEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer(let value): "'\(value)'"
        case .float(let value): "'\(value)'"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end of the template"
        }
    }
}

/// Operators and punctuation inside tags; those of two characters are tried first.
enum TemplateSymbol: String, CaseIterable {
    case floorDivide = "//"
    case power = "**"
    case equal = "=="
    case notEqual = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    case remainder = "%"
    case concatenate = "~"
    case less = "<"
    case greater = ">"
    case assign = "="
    case dot = "."
    case comma = ","
    case colon = ":"
    case pipe = "|"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBracket = "["
    case closeBracket = "]"
    case openBrace = "{"
    case closeBrace = "}"

    /// What closes this bracket.
    var closing: TemplateSymbol? {
        switch self {
        case .openParenthesis: .closeParenthesis
        case .openBracket: .closeBracket
        case .openBrace: .closeBrace
        default: nil
        }
    }

    var closes: Bool {
        switch self {
        case .closeParenthesis, .closeBracket, .closeBrace: true
        default: false
        }
    }
}
