/// Which of a source's rows goes where.
enum RowOrder: Sendable, Equatable {
    case asStored
    /// The rows of a rotary pair, half a turning part apart in the source, next to each other; the rows of a head
    /// that don't turn stay behind them.
    case neighbours(headDimension: Int, rotaryDimension: Int)

    /// The source's row that becomes row `row`.
    func source(of row: Int) -> Int {
        switch self {
        case .asStored: return row
        case .neighbours(let headDimension, let rotaryDimension):
            let within = row % headDimension
            guard within < rotaryDimension else { return row }
            return row - within + within / 2 + within % 2 * (rotaryDimension / 2)
        }
    }
}
