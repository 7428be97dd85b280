import NuthatchTensors

/// The best ways to reach each position of a word: Viterbi's table, kept from word to word.
struct UnigramPath {
    struct Step {
        /// The sum of log probabilities up to here.
        var score = 0.0
        /// Where the last piece begins; -1 where no way leads here.
        var start: Int32 = -1
        /// The last piece; -1 for a character that is none.
        var id: TokenID = -1
    }

    /// [position]: 0 is the word's beginning, its byte count the end.
    private var steps: [Step] = []

    mutating func begin(byteCount: Int) {
        steps.removeAll(keepingCapacity: true)
        steps.append(contentsOf: repeatElement(Step(), count: byteCount + 1))
    }

    subscript(position: Int) -> Step { steps[position] }

    /// Takes a piece from `start` to `end` where no better way leads there; of equal ones the first stays.
    @inline(__always)
    mutating func offer(_ id: TokenID, score: Double, from start: Int, to end: Int) {
        let sum = steps[start].score + score
        if steps[end].start < 0 || sum > steps[end].score {
            steps[end] = Step(score: sum, start: Int32(truncatingIfNeeded: start), id: id)
        }
    }
}
