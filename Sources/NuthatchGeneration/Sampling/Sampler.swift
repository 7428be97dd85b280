package import NuthatchTensors

/// Chooses tokens from logits by `SamplingOptions`; owns the random stream and its scratch memory.
///
/// Ties go to the lower token id, so the choice is a function of the logits and the seed alone.
package struct Sampler: Sendable {
    package let options: SamplingOptions
    private var generator: SeededGenerator
    /// Tokens that may still be drawn, most probable first once sorted.
    private var candidates: [Candidate] = []

    private struct Candidate {
        var token: TokenID
        /// The logit, later exp(logit - largest logit).
        var weight: Float

        static func comesBefore(_ left: Candidate, _ right: Candidate) -> Bool {
            left.weight > right.weight || (left.weight == right.weight && left.token < right.token)
        }
    }

    package init(_ options: SamplingOptions) {
        self.options = options
        generator = SeededGenerator(seed: options.seed)
    }

    /// The next token.
    ///
    /// - Parameter logits: [vocabulary], as processors leave them.
    package mutating func sample(_ logits: Span<Float>) -> TokenID {
        guard options.temperature > 0 else { return Self.largest(logits) }
        narrow(logits)
        return draw()
    }

    /// The tokens that may be drawn and their probabilities, as `sample` would draw them (temperature above 0).
    package mutating func distribution(_ logits: Span<Float>) -> [TokenID: Double] {
        narrow(logits)
        let total = candidates.reduce(0) { $0 + Double($1.weight) }
        return Dictionary(uniqueKeysWithValues: candidates.map { ($0.token, Double($0.weight) / total) })
    }

    private mutating func narrow(_ logits: Span<Float>) {
        gatherCandidates(logits)
        keepTopP()
        keepMinP()
    }

    /// Whether some logit is no number: then none of them means anything.
    package static func hasNaN(_ logits: Span<Float>) -> Bool {
        // Without leaving early, so that it runs some numbers at a time.
        var found = false
        for token in logits.indices { found = found || logits[token].isNaN }
        return found
    }

    /// The token of the largest logit; NaN is never larger.
    package static func largest(_ logits: Span<Float>) -> TokenID {
        var best = 0
        for token in logits.indices where logits[token] > logits[best] || logits[best].isNaN { best = token }
        return TokenID(best)
    }

    private mutating func gatherCandidates(_ logits: Span<Float>) {
        candidates.removeAll(keepingCapacity: true)
        let largest = logits[Int(Self.largest(logits))]
        // Below largest - 104 * temperature a weight underflows Float to zero and can never be drawn.
        let floor = largest - 104 * options.temperature
        if let topK = options.topK, topK < logits.count {
            gatherTopK(topK, of: logits, floor: floor)
        } else {
            for token in logits.indices where logits[token] >= floor {
                candidates.append(Candidate(token: TokenID(token), weight: logits[token]))
            }
        }
        for index in candidates.indices {
            candidates[index].weight = RealFunctions.exponential(
                (candidates[index].weight - largest) / options.temperature)
        }
    }

    /// The k largest logits. Keeps up to 2 k and cuts back to k when full, so that a vocabulary is never sorted
    /// whole: once k are known, few of the rest exceed the least of them.
    private mutating func gatherTopK(_ topK: Int, of logits: Span<Float>, floor: Float) {
        var least = floor
        for token in logits.indices where logits[token] >= least {
            candidates.append(Candidate(token: TokenID(token), weight: logits[token]))
            guard candidates.count >= 2 * topK else { continue }
            cut(to: topK)
            least = candidates[topK - 1].weight
        }
        if candidates.count > topK { cut(to: topK) }
    }

    private mutating func cut(to count: Int) {
        candidates.sort(by: Candidate.comesBefore)
        candidates.removeSubrange(count...)
    }

    private mutating func keepTopP() {
        guard !candidates.isEmpty, let topP = options.topP, topP < 1 else { return }
        let goal = Double(topP) * candidates.reduce(0) { $0 + Double($1.weight) }
        // The tokens of the nucleus are above some weight; looking from 1/16 down finds it without sorting the
        // vocabulary. The last round, with threshold 0, takes all.
        var threshold: Float = 0x1p-4
        while true {
            let above = candidates.filter { $0.weight >= threshold }
            if threshold == 0 || above.reduce(0, { $0 + Double($1.weight) }) >= goal {
                candidates = above
                break
            }
            threshold = threshold < 0x1p-20 ? 0 : threshold * 0x1p-4
        }
        candidates.sort(by: Candidate.comesBefore)
        var sum = 0.0
        var kept = 0
        while kept < candidates.count, sum < goal {
            sum += Double(candidates[kept].weight)
            kept += 1
        }
        candidates.removeSubrange(max(kept, 1)...)
    }

    private mutating func keepMinP() {
        guard let minP = options.minP, minP > 0 else { return }
        // The largest weight is exp(0) = 1.
        candidates.removeAll { $0.weight < minP }
    }

    private mutating func draw() -> TokenID {
        let total = candidates.reduce(0) { $0 + Double($1.weight) }
        var left = generator.unit() * total
        for candidate in candidates {
            left -= Double(candidate.weight)
            if left < 0 { return candidate.token }
        }
        return candidates.last?.token ?? 0
    }
}
