package import NuthatchTensors

/// Compares rows of logits with those of a reference, shared among workers by rows, all sums in double.
///
/// With S(x) = sum exp(x_i - max x), a softmax is p_i = exp(x_i - max x) / S(x), so
///
///     KL(p || q) = sum p_i (log p_i - log q_i)
///                = sum p_i (x_i - y_i) - (max x + log S(x)) + (max y + log S(y))
///
/// for logits x of the reference and y compared with them.
package struct LogitComparison: WorkerProgram {
    /// What one position says.
    package struct Row: Sendable, Equatable {
        /// KL(reference || compared), nats.
        package var divergence = 0.0
        /// Whether the most probable token is the same.
        package var isSameTop = false
        /// -log of the probability that the compared logits give the next token; nil where there is none.
        package var negativeLogLikelihood: Double?
    }

    /// [position, vocabulary]
    private let logits: Rows
    private let reference: Rows
    private let next: [TokenID?]
    /// One for each position; a worker writes its share.
    private let rows: Results

    package init(logits: Rows, reference: Rows, next: [TokenID?]) {
        self.logits = logits
        self.reference = reference
        self.next = next
        rows = Results(count: logits.rowCount)
    }

    /// Valid after the run.
    package var results: [Row] { Array(rows.buffer) }

    package func run(on worker: Worker) {
        for row in worker.share(of: logits.rowCount) { rows.buffer[row] = compare(row) }
    }

    private func compare(_ row: Int) -> Row {
        let x = UnsafeBufferPointer(start: reference[row], count: reference.columnCount)
        let y = UnsafeBufferPointer(start: logits[row], count: logits.columnCount)
        let (topX, topY) = (Int(GreedyToken.top(x)), Int(GreedyToken.top(y)))
        let (maximumX, maximumY) = (Double(x[topX]), Double(y[topY]))
        var sumX = 0.0
        var sumY = 0.0
        var difference = 0.0
        for index in y.indices {
            let weight = RealFunctions.exponential(Double(x[index]) - maximumX)
            sumX += weight
            difference += weight * (Double(x[index]) - Double(y[index]))
            sumY += RealFunctions.exponential(Double(y[index]) - maximumY)
        }
        let normalizerY = maximumY + RealFunctions.logarithm(sumY)
        return Row(
            divergence: difference / sumX - (maximumX + RealFunctions.logarithm(sumX)) + normalizerY,
            isSameTop: topX == topY,
            negativeLogLikelihood: next[row].map { normalizerY - Double(y[Int($0)]) })
    }

    private final class Results {
        let buffer: UnsafeMutableBufferPointer<Row>

        init(count: Int) {
            buffer = .allocate(capacity: count)
            buffer.initialize(repeating: Row())
        }

        deinit {
            buffer.deinitialize()
            buffer.deallocate()
        }
    }
}

/// Sums over positions.
package struct LogitSums: Sendable {
    package private(set) var positionCount = 0
    package private(set) var predictedTokenCount = 0
    private var divergence = 0.0
    private var sameTopCount = 0
    private var negativeLogLikelihood = 0.0

    package init() {}

    package mutating func add(_ row: LogitComparison.Row) {
        positionCount += 1
        divergence += row.divergence
        if row.isSameTop { sameTopCount += 1 }
        guard let likelihood = row.negativeLogLikelihood else { return }
        predictedTokenCount += 1
        negativeLogLikelihood += likelihood
    }

    package var perplexity: Double {
        RealFunctions.exponential(negativeLogLikelihood / Double(max(predictedTokenCount, 1)))
    }

    package var meanDivergence: Double { divergence / Double(max(positionCount, 1)) }

    package var agreement: Double { Double(sameTopCount) / Double(max(positionCount, 1)) }
}
