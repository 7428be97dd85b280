import NuthatchTensors

/// Which experts the rows of a pass use, and where each row lies among those of its experts.
///
/// One worker assigns, others read behind a barrier. For R rows of K experts each, whose R K assignments are sorted by
/// expert and then by row:
///
/// ```
/// chosen   [R, K]        experts of a row, ascending
/// weights  [R, K]        what each is multiplied by
/// places   [R, K]        where the row lies among the assignments
/// rows     [R K]         the row of each assignment
/// starts   [experts + 1] the first assignment of each expert
/// ```
final class ExpertRoutes {
    private let experts: DecoderSpecification.Experts
    private let chosen: UnsafeMutablePointer<Int32>
    private let weights: UnsafeMutablePointer<Float>
    private let places: UnsafeMutablePointer<Int32>
    private let rows: UnsafeMutablePointer<Int32>
    private let starts: UnsafeMutablePointer<Int32>
    /// [experts]: where the next assignment of each goes.
    private let next: UnsafeMutablePointer<Int32>
    private let choice: ExpertChoice
    private let buffer: AlignedBuffer

    init(_ experts: DecoderSpecification.Experts, maximumRowCount: Int) throws(ModelError) {
        self.experts = experts
        let assignmentCount = maximumRowCount * experts.usedCount
        buffer = try allocating { () throws(TensorError) in
            try AlignedBuffer(
                byteCount: Self.byteCount(experts, rowCount: maximumRowCount), purpose: "routes to experts")
        }
        var next = buffer.base
        func take<Element>(_ count: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
            defer { next += count * MemoryLayout<Element>.stride }
            return next.bindMemory(to: type, capacity: count)
        }
        chosen = take(assignmentCount, of: Int32.self)
        weights = take(assignmentCount, of: Float.self)
        places = take(assignmentCount, of: Int32.self)
        rows = take(assignmentCount, of: Int32.self)
        starts = take(experts.count + 1, of: Int32.self)
        self.next = take(experts.count, of: Int32.self)
        choice = ExpertChoice(
            experts, ranks: take(experts.count, of: Float.self), isTaken: take(experts.count, of: Bool.self))
    }

    /// Bytes for so many rows.
    static func byteCount(_ experts: DecoderSpecification.Experts, rowCount: Int) -> Int {
        let perAssignment = 3 * MemoryLayout<Int32>.stride + MemoryLayout<Float>.stride
        let perExpert =
            2 * MemoryLayout<Int32>.stride + MemoryLayout<Float>.stride + MemoryLayout<Bool>.stride
        return rowCount * experts.usedCount * perAssignment + experts.count * perExpert
            + MemoryLayout<Int32>.stride
    }

    /// Each expert's rows.
    var groups: RowGroups { RowGroups(starts: starts, count: experts.count) }

    /// The row that an assignment is of.
    func row(_ assignment: Int) -> Int { Int(rows[assignment]) }

    /// Where a row lies among the assignments to its k-th expert, and that expert's weight.
    func route(_ row: Int, _ k: Int) -> (assignment: Int, weight: Float) {
        (Int(places[row * experts.usedCount + k]), weights[row * experts.usedCount + k])
    }

    /// Routes every row by a router's products with it, [row, expert], which become scores.
    func assign(_ products: Rows, selectionBias: [Float]) {
        let usedCount = experts.usedCount
        starts.update(repeating: 0, count: experts.count + 1)
        for row in 0..<products.rowCount {
            let first = row * usedCount
            choice.choose(
                products[row], selectionBias: selectionBias, into: chosen + first, weights: weights + first)
            for k in 0..<usedCount { starts[Int(chosen[first + k]) + 1] += 1 }
        }
        for expert in 0..<experts.count {
            starts[expert + 1] += starts[expert]
            next[expert] = starts[expert]
        }
        for index in 0..<products.rowCount * usedCount {
            let expert = Int(chosen[index])
            places[index] = next[expert]
            rows[Int(next[expert])] = Int32(truncatingIfNeeded: index / usedCount)
            next[expert] += 1
        }
    }
}
