/// An expression of a template.
///
/// Operators of one rank, and everything that follows a value (`.x[0](y) | filter is test`), are kept as flat
/// lists rather than nested pairs: the tree is then no deeper than the brackets in the source, which the parser
/// limits, and so neither evaluating nor freeing it can run out of stack.
indirect enum TemplateExpression: Sendable {
    case literal(TemplateValue)
    case name(String, TemplatePosition)
    case list([TemplateExpression])
    case tuple([TemplateExpression])
    case dictionary([(key: TemplateExpression, value: TemplateExpression)])
    case suffixed(TemplateExpression, [TemplateSuffix])
    case negated(TemplateExpression, TemplatePosition)
    case positive(TemplateExpression, TemplatePosition)
    case not(TemplateExpression)
    case all([TemplateExpression])
    case any([TemplateExpression])
    /// `a ~ b ~ c`.
    case concatenated([TemplateExpression], TemplatePosition)
    /// `+ -`, or `* / // %`, or `**`: left to right, all of one rank.
    case arithmetic(TemplateExpression, [TemplateOperation])
    /// `a < b <= c`, each neighbour compared.
    case comparison(TemplateExpression, [TemplateOperation])
    /// `value if test else otherwise`; further clauses (`... if test2`) wrap the ones before.
    case conditional(TemplateExpression, [TemplateCondition])
}

struct TemplateOperation: Sendable {
    enum Operator: Sendable {
        case add, subtract, multiply, divide, floorDivide, remainder, power
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isIn, isNotIn
    }
    let operation: Operator
    let operand: TemplateExpression
    let position: TemplatePosition
}

struct TemplateCondition: Sendable {
    let test: TemplateExpression
    /// nil: undefined when the test fails.
    let otherwise: TemplateExpression?
}

/// What follows a value.
struct TemplateSuffix: Sendable {
    enum Kind: Sendable {
        case member(String)
        case item(TemplateExpression)
        case slice(start: TemplateExpression?, stop: TemplateExpression?, step: TemplateExpression?)
        case call(TemplateArgumentList)
        case filter(TemplateFilter, TemplateArgumentList)
        case test(TemplateTest, TemplateArgumentList, negated: Bool)
        /// A filter or a test that there is not, of a branch: an error where it is reached.
        case unknown(UnknownConstruct)
    }
    let kind: Kind
    let position: TemplatePosition
}

/// A filter or a test that there is not. In a box, for evaluating recurses through frames that hold what a suffix may be.
final class UnknownConstruct: Sendable {
    let error: TemplateError

    init(_ error: TemplateError) { self.error = error }

    func refuse() throws(TemplateError) { throw error }
}

/// Arguments as written.
struct TemplateArgumentList: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
    /// `*values`.
    var spread: TemplateExpression?
    /// `**values`.
    var namedSpread: TemplateExpression?
}
