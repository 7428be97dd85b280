/// A head's pairs, cut into those that turn by time, by an image's rows and by its columns (multimodal rotary positions:
/// Qwen2-VL, arXiv:2409.12191, section 2.1). Text, whose three numbers are one, turns as without sections.
package struct RotarySections: Sendable, Equatable {
    package var time: Int
    package var row: Int
    package var column: Int

    package init(time: Int, row: Int, column: Int) {
        self.time = time
        self.row = row
        self.column = column
    }

    func validate(pairCount: Int, file: String) throws(ModelError) {
        let counts = [time, row, column]
        guard counts.allSatisfy({ (0...pairCount).contains($0) }), counts.reduce(0, +) == pairCount else {
            throw .invalid(
                file: file, field: "mrope_section",
                reason: "is \(counts), which are not the \(pairCount) pairs of a head")
        }
    }
}
