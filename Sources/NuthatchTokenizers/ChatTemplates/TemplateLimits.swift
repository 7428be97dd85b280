/// What a template may cost. Templates come from strangers: every limit is met before the memory or time it
/// guards is spent.
package struct TemplateLimits: Sendable {
    /// Bytes of source. The longest published template known has 20 kB.
    package var sourceByteCount = 1 << 20
    /// Brackets, operators and blocks inside one another, while parsing.
    package var nestingDepth = 64
    /// Blocks, expressions and macro calls inside one another, while rendering. Bounds the thread's stack: a
    /// level takes up to 3.3 kB optimised (x86-64, the frames of a filter inside `map` added up), so 96 levels
    /// and a value of full depth fit the 512 kB of a secondary thread on macOS. A macro that calls itself
    /// takes about 6 levels a call.
    package var evaluationDepth = 96
    /// Statements, expressions and elements visited: 4,000 for each of 1,000 messages.
    package var stepCount = 4_000_000
    /// Bytes read or produced by all operations together, so also what all values together can hold.
    package var workByteCount = 512 << 20
    /// Bytes of one string or of the output: about four million tokens.
    package var textByteCount = 16 << 20
    /// Elements of one list or dictionary.
    package var collectionCount = 1_000_000
    /// Elements of one `range()`; Jinja's sandbox has the same limit.
    package var rangeCount = 100_000
    /// Lists and dictionaries inside one another, in the input and as the template builds them.
    package var valueDepth = 64

    package init() {}

    /// What a limit counts, as an error message says it.
    ///
    /// - Parameter name: the property's name.
    static func quantity(_ name: String) -> String {
        switch name {
        case "sourceByteCount": "bytes of source"
        case "nestingDepth": "levels of nesting"
        case "evaluationDepth": "levels of evaluation"
        case "stepCount": "steps"
        case "workByteCount": "bytes of work"
        case "textByteCount": "bytes of text"
        case "collectionCount": "elements of a list"
        case "rangeCount": "numbers of a range"
        case "valueDepth": "levels of a value"
        default: name
        }
    }
}
