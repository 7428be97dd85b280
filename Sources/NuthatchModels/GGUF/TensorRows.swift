package import NuthatchCheckpoints
package import NuthatchTensors

/// A tensor of a file that is to be written: known by its shape, its numbers read when its turn comes.
package struct WritableTensor {
    package let name: String
    /// Outermost dimension first.
    package let shape: [Int]
    /// How its source holds it; nil where it is made anew.
    package let storedFormat: ElementFormat?
    package let open: () throws(ModelError) -> TensorRows

    package init(
        name: String, shape: [Int], storedFormat: ElementFormat?,
        open: @escaping () throws(ModelError) -> TensorRows
    ) {
        self.name = name
        self.shape = shape
        self.storedFormat = storedFormat
        self.open = open
    }
}

/// The rows of a tensor that is to be written, decoded to float32 as they are asked for.
///
/// Reading is safe from several threads at once.
package final class TensorRows: Sendable {
    package let rowCount: Int
    package let rowLength: Int
    // Safe to share: read only, and what the pieces borrow lives in `owners` and in the checkpoint.
    nonisolated(unsafe) private let parts: [Part]
    private let checkpoint: Checkpoint?
    private let tensorNames: [String]

    /// Adjacent rows of one origin.
    private struct Part {
        var rows: Range<Int>
        var order: RowOrder
        var pieces: [StoredMatrix]
        var owner: PlacedMatrix?
        /// Decoded already: for tensors of one dimension.
        var values: [Float] = []
    }

    /// Numbers that are there already, as one row.
    init(_ values: [Float]) {
        rowCount = 1
        rowLength = values.count
        parts = [Part(rows: 0..<1, order: .asStored, pieces: [], values: values)]
        checkpoint = nil
        tensorNames = []
    }

    /// The rows of a checkpoint's tensor as they are.
    package convenience init(_ name: String, of checkpoint: Checkpoint) throws(ModelError) {
        let stored = try reading { () throws(CheckpointError) in try checkpoint.rows(named: name) }
        let part = Part(rows: 0..<stored.outputCount, order: .asStored, pieces: [stored])
        self.init([part], rowLength: stored.inputCount, tensorNames: [name], of: checkpoint)
    }

    /// The matrices of some places, one behind the other.
    ///
    /// - Parameter isTransposed: each with columns for rows, from a copy.
    convenience init(
        _ places: [(place: TensorPlace, order: RowOrder)], isTransposed: Bool = false,
        of weights: CheckpointWeights
    ) throws(ModelError) {
        var parts: [Part] = []
        var names: [String] = []
        for (place, order) in places {
            let stored = try weights.matrix(place)
            let matrix = isTransposed ? try PlacedMatrix(turning: stored) : stored
            let start = parts.last?.rows.upperBound ?? 0
            let count = matrix.pieces.reduce(0) { $0 + $1.outputCount }
            parts.append(
                Part(rows: start..<start + count, order: order, pieces: matrix.pieces, owner: matrix))
            names.append(weights.description.source(place, .weight).tensor)
        }
        self.init(
            parts, rowLength: parts.first?.pieces.first?.inputCount ?? 0, tensorNames: names,
            of: weights.checkpoint)
    }

    private init(_ parts: [Part], rowLength: Int, tensorNames: [String], of checkpoint: Checkpoint) {
        self.parts = parts
        self.rowLength = rowLength
        rowCount = parts.last?.rows.upperBound ?? 0
        self.checkpoint = checkpoint
        self.tensorNames = tensorNames
    }

    /// All rows as the file has them, where that is their order; valid while this object lives.
    package var storedBytes: UnsafeRawBufferPointer? {
        guard parts.count == 1, parts[0].order == .asStored, parts[0].pieces.count == 1 else { return nil }
        return parts[0].pieces[0].bytes
    }

    /// - Parameter output: [rowLength]
    package func decode(row: Int, into output: UnsafeMutableBufferPointer<Float>) {
        precondition(row >= 0 && row < rowCount && output.count == rowLength, "a row of the tensor")
        guard let part = parts.first(where: { $0.rows.contains(row) }) else { return }
        var source = part.order.source(of: row - part.rows.lowerBound)
        for piece in part.pieces {
            if source < piece.outputCount { return piece.decode(rows: source..<source + 1, into: output) }
            source -= piece.outputCount
        }
        _ = output.update(fromContentsOf: part.values)
    }

    /// Gives back the pages of what was read.
    package func release() {
        for name in tensorNames { checkpoint?.release(tensorNamed: name) }
    }
}

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
