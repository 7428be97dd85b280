/// A statement of a template, or the text between statements.
struct TemplateStatement: Sendable {
    indirect enum Kind: Sendable {
        case text(String)
        case output(TemplateExpression)
        case set(TemplateTarget, TemplateExpression)
        case setBlock(TemplateTarget, filters: [TemplateSuffix], body: [TemplateStatement])
        case branch([TemplateBranch], otherwise: [TemplateStatement])
        case loop(TemplateLoopStatement)
        case with([(target: TemplateTarget, value: TemplateExpression)], body: [TemplateStatement])
        case macro(TemplateMacroStatement)
        case call(TemplateMacroStatement, callee: TemplateExpression, arguments: TemplateArgumentList)
        case filter([TemplateSuffix], body: [TemplateStatement])
        /// `{% block %}`, which without inheritance only opens a scope.
        case scope([TemplateStatement])
        /// `{% generation %}`, the extension of `transformers` that marks the assistant's text: prints its body.
        case generation([TemplateStatement])
        case breakLoop
        case continueLoop
    }
    let kind: Kind
    let position: TemplatePosition
}

struct TemplateBranch: Sendable {
    let test: TemplateExpression
    let body: [TemplateStatement]
}

struct TemplateLoopStatement: Sendable {
    let target: TemplateTarget
    let sequence: TemplateExpression
    let filter: TemplateExpression?
    let body: [TemplateStatement]
    let otherwise: [TemplateStatement]
    let isRecursive: Bool
}

/// A macro, or the body of a call block.
struct TemplateMacroStatement: Sendable {
    let name: String
    let parameters: [(name: String, defaultValue: TemplateExpression?)]
    let body: [TemplateStatement]
    /// Whether the body reads `varargs` and `kwargs`; only then may a call bring more than the parameters take.
    let takesExtraPositional: Bool
    let takesExtraNamed: Bool
}

/// Where a value is assigned.
indirect enum TemplateTarget: Sendable {
    case name(String)
    case attribute(of: String, name: String)
    case tuple([TemplateTarget])
}
