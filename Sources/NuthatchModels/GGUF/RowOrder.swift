/// Which of a source's rows goes where.
enum RowOrder: Sendable, Equatable {
    case asStored
    /// The rows of a rotary pair, half a turning part apart in the source, next to each other; the rows of a head
    /// that don't turn, `plainDimension` before those that do and the others behind, stay.
    case neighbours(headDimension: Int, plainDimension: Int = 0, rotaryDimension: Int)

    /// The source's row that becomes row `row`.
    func source(of row: Int) -> Int {
        switch self {
        case .asStored: return row
        case .neighbours(let headDimension, let plainDimension, let rotaryDimension):
            let turning = row % headDimension - plainDimension
            guard (0..<rotaryDimension).contains(turning) else { return row }
            return row - turning + turning / 2 + turning % 2 * (rotaryDimension / 2)
        }
    }
}
