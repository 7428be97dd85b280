/// A report as a terminal shows it.
package struct TextReport: Equatable, Sendable {
    /// The columns that no line goes beyond.
    package var width: Int
    /// Whether texts are coloured by SGR sequences (ECMA-48).
    package var isColored: Bool

    package init(width: Int, isColored: Bool) {
        self.width = width
        self.isColored = isColored
    }

    package func render(_ report: Report) -> String {
        report.title + "\n"
    }
}
