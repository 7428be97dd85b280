/// Runs a template's tree once.
///
/// Everything it needs is an argument: variables, the date, the limits. Statements write to the innermost output;
/// macros, call blocks and set blocks open one of their own.
struct TemplateEvaluator {
    var budget: TemplateBudget
    let date: ChatDate?
    var namespaces: [TemplateDictionary] = []
    var macros: [(statement: TemplateMacroStatement, scope: TemplateScope)] = []
    var loops: [TemplateLoop] = []
    private var outputs: [TemplateText] = [.empty]
    private var depth = 0

    init(limits: TemplateLimits, date: ChatDate?) {
        budget = TemplateBudget(limits: limits)
        self.date = date
    }

    mutating func render(
        _ statements: [TemplateStatement], variables: [String: TemplateValue]
    ) throws(TemplateError) -> TemplateText {
        var names: [String: TemplateValue] = [:]
        for global in TemplateGlobal.allCases { names[global.rawValue] = .callable(.global(global)) }
        let root = TemplateScope(variables, inside: TemplateScope(names))
        _ = try execute(statements, in: root)
        return outputs[0]
    }

    // MARK: Output

    mutating func write(_ text: TemplateText) throws(TemplateError) {
        try budget.work(byteCount: text.byteCount)
        guard outputs[outputs.count - 1].byteCount + text.byteCount <= budget.limits.textByteCount else {
            throw budget.exceeded("textByteCount", budget.limits.textByteCount)
        }
        outputs[outputs.count - 1].append(text)
    }

    /// What the statements print, instead of printing it.
    mutating func captured(
        _ statements: [TemplateStatement], in scope: TemplateScope
    ) throws(TemplateError) -> TemplateText {
        outputs.append(.empty)
        _ = try execute(statements, in: scope)
        return outputs.removeLast()
    }

    mutating func captured(
        _ loop: TemplateLoopStatement, over values: TemplateValue, in scope: TemplateScope
    ) throws(TemplateError) -> TemplateText {
        outputs.append(.empty)
        try execute(loop, over: values, in: scope)
        return outputs.removeLast()
    }

    // MARK: Depth

    /// Counts one level of recursion and one step; every recursive function calls it, and `leave` when done.
    mutating func enter() throws(TemplateError) {
        depth += 1
        guard depth <= budget.limits.evaluationDepth else {
            throw budget.exceeded("evaluationDepth", budget.limits.evaluationDepth)
        }
        try budget.step()
    }

    mutating func leave() {
        depth -= 1
    }

    func undefined(_ undefined: TemplateUndefined) -> TemplateError {
        .undefined(at: budget.position, reason: undefined.explanation)
    }
}
