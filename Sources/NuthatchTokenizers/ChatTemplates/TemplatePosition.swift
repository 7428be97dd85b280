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
