/// Where a token stands for rotary embeddings: in time, and in height and width of an image.
///
/// Text has the same number three times over, which turns it as one number would.
package struct TokenPosition: Sendable, Hashable {
    package let time: Int
    package let row: Int
    package let column: Int

    package init(time: Int, row: Int, column: Int) {
        self.time = time
        self.row = row
        self.column = column
    }

    /// A position in text.
    package init(_ index: Int) {
        self.init(time: index, row: index, column: index)
    }
}
