import NuthatchTensors

/// Chooses a row's experts by its scores.
struct ExpertChoice {
    private let experts: DecoderSpecification.Experts
    /// What experts are chosen by; one row's at a time.
    private let ranks: UnsafeMutablePointer<Float>
    /// Experts, and groups before them, that are chosen.
    private let isTaken: UnsafeMutablePointer<Bool>

    init(
        _ experts: DecoderSpecification.Experts, ranks: UnsafeMutablePointer<Float>,
        isTaken: UnsafeMutablePointer<Bool>
    ) {
        self.experts = experts
        self.ranks = ranks
        self.isTaken = isTaken
    }

    /// - Parameters:
    ///   - scores: a router's products with one row, [expert]; become scores.
    ///   - chosen: the experts, ascending; of equal ones the first.
    ///   - weights: theirs.
    func choose(
        _ scores: UnsafeMutablePointer<Float>, selectionBias: [Float],
        into chosen: UnsafeMutablePointer<Int32>, weights: UnsafeMutablePointer<Float>
    ) {
        score(scores)
        for expert in 0..<experts.count {
            ranks[expert] = selectionBias.isEmpty ? scores[expert] : scores[expert] + selectionBias[expert]
        }
        if let groups = experts.groups { leaveOut(groups) }
        takeBest(experts.usedCount, of: experts.count) { ranks[$0] }
        var sum: Float = 0
        var k = 0
        for expert in 0..<experts.count where isTaken[expert] {
            chosen[k] = Int32(truncatingIfNeeded: expert)
            weights[k] = scores[expert]
            sum += scores[expert]
            k += 1
        }
        // As the reference has it, whose scores may all be too small for binary32.
        let divisor = experts.normalisesWeights ? (experts.scoring == .logistic ? sum + 1e-20 : sum) : 1
        for k in 0..<experts.usedCount { weights[k] = weights[k] / divisor * (experts.weightScale ?? 1) }
    }

    private func score(_ scores: UnsafeMutablePointer<Float>) {
        switch experts.scoring {
        case .logistic:
            for expert in 0..<experts.count {
                scores[expert] = Float(1 / (1 + RealFunctions.exponential(-Double(scores[expert]))))
            }
        case .softmax:
            var highest = scores[0]
            for expert in 0..<experts.count { highest = max(highest, scores[expert]) }
            var sum: Double = 0
            for expert in 0..<experts.count {
                let value = RealFunctions.exponential(Double(scores[expert] - highest))
                scores[expert] = Float(value)
                sum += value
            }
            for expert in 0..<experts.count { scores[expert] = Float(Double(scores[expert]) / sum) }
        }
    }

    /// Marks as many of `candidateCount` as are used, each time one whose worth none left exceeds.
    private func takeBest(_ usedCount: Int, of candidateCount: Int, worth: (Int) -> Float) {
        isTaken.update(repeating: false, count: experts.count)
        for _ in 0..<usedCount {
            var best: (index: Int, worth: Float)?
            for index in 0..<candidateCount where !isTaken[index] {
                let worth = worth(index)
                if best.map({ worth > $0.worth }) ?? true { best = (index, worth) }
            }
            if let best { isTaken[best.index] = true }
        }
    }

    /// Ranks experts of all but the best groups below all others.
    private func leaveOut(_ groups: DecoderSpecification.Experts.Groups) {
        let size = experts.count / groups.count
        takeBest(groups.usedCount, of: groups.count) { group in
            worth(of: group * size..<(group + 1) * size, groups.rank)
        }
        for group in 0..<groups.count where !isTaken[group] {
            (ranks + group * size).update(repeating: -.infinity, count: size)
        }
    }

    private func worth(
        of range: Range<Int>, _ rank: DecoderSpecification.Experts.Groups.Rank
    ) -> Float {
        var best = -Float.infinity
        var second = -Float.infinity
        for expert in range {
            if ranks[expert] > best {
                (best, second) = (ranks[expert], best)
            } else if ranks[expert] > second {
                second = ranks[expert]
            }
        }
        switch rank {
        case .best: return best
        case .sumOfTwo: return range.count > 1 ? best + second : best
        }
    }
}
