package import NuthatchTensors

/// Rotary position embeddings (RoFormer, arXiv:2104.09864), described.
///
/// Pair i of a head turns by position * f(i), where f(i) = base^(-2 i / dimension) before scaling.
package struct RotaryEmbedding: Sendable, Equatable {
    /// theta.
    package var base: Double
    /// Elements of a head that turn: the head's dimension, or an even part of it from the front.
    package var dimension: Int
    package var scaling: RotaryScaling
    package var pairing: RotaryPairing

    package init(
        base: Double, dimension: Int, scaling: RotaryScaling = .none, pairing: RotaryPairing = .halves
    ) {
        self.base = base
        self.dimension = dimension
        self.scaling = scaling
        self.pairing = pairing
    }

    /// f(i) for each pair, unscaled.
    var unscaledFrequencies: [Double] {
        stride(from: 0, to: dimension, by: 2).map { index in
            1 / RealFunctions.power(base, Double(index) / Double(dimension))
        }
    }

    func validate(headDimension: Int, file: String) throws(ModelError) {
        guard dimension >= 2, dimension <= headDimension, dimension % 2 == 0 else {
            throw .invalid(
                file: file, field: "the rotary dimension",
                reason: "\(dimension) is not even and within 2 to the head dimension \(headDimension)")
        }
        guard base.isFinite, base > 0 else {
            throw .invalid(file: file, field: "the rotary base", reason: "is \(base), no finite number above 0")
        }
        try scaling.validate(pairCount: dimension / 2, file: file)
        // Each number may be in range and their combination not: a base of 1 has no YaRN ramp.
        let table = table(contextLength: ModelLimit.contextLength.maximum)
        guard table.attentionFactor.isFinite, table.inverseFrequencies.allSatisfy(\.isFinite) else {
            throw .invalid(file: file, field: "the rotary scaling", reason: "gives frequencies that are not finite")
        }
    }
}

/// How rotary frequencies are changed to reach beyond the length a model was first trained for.
package enum RotaryScaling: Sendable, Equatable {
    case none
    case linear(LinearScaling)
    case dynamic(DynamicScaling)
    case yarn(YarnScaling)
    case llama3(Llama3Scaling)
    case long(LongScaling)
    /// Each frequency is divided by its entry: what GGUF's rope_freqs.weight states for Llama 3.
    case divided(by: [Float])

    /// What the scaling makes of the frequencies.
    ///
    /// `contextLength` is the capacity the model was loaded for. Dynamic and long scaling depend on a length;
    /// taking the current one, as others do, would give keys already cached and keys computed again different
    /// rotations. One capacity, one table: a hit equals a miss.
    func apply(to rotary: RotaryEmbedding, contextLength: Int) -> RotaryTable {
        let frequencies = rotary.unscaledFrequencies
        switch self {
        case .none: return RotaryTable(frequencies)
        case .linear(let scaling): return scaling.table(frequencies)
        case .dynamic(let scaling): return scaling.table(for: rotary, contextLength: contextLength)
        case .yarn(let scaling): return scaling.table(frequencies, base: rotary.base)
        case .llama3(let scaling): return scaling.table(frequencies)
        case .long(let scaling): return scaling.table(frequencies, contextLength: contextLength)
        case .divided(let divisors):
            return RotaryTable(zip(frequencies, divisors).map { $0 / Double($1) })
        }
    }

    func validate(pairCount: Int, file: String) throws(ModelError) {
        let lists: [[Float]]
        var numbers: [Double] = []
        switch self {
        case .none: return
        case .linear(let scaling): (lists, numbers) = ([], [scaling.factor])
        case .dynamic(let scaling):
            (lists, numbers) = ([], [scaling.factor, Double(scaling.originalContextLength)])
        case .yarn(let scaling): (lists, numbers) = ([], scaling.numbers)
        case .llama3(let scaling): (lists, numbers) = ([], scaling.numbers)
        case .long(let scaling): (lists, numbers) = ([scaling.shortFactors, scaling.longFactors], scaling.numbers)
        case .divided(let divisors): lists = [divisors]
        }
        for list in lists {
            guard list.count == pairCount else {
                throw .invalid(
                    file: file, field: "the rotary factors",
                    reason: "are \(list.count) for \(pairCount) pairs of elements")
            }
            numbers += list.map(Double.init)
        }
        for number in numbers {
            guard number.isFinite, number > 0 else {
                throw .invalid(
                    file: file, field: "the rotary scaling", reason: "holds \(number), no finite number above 0")
            }
        }
    }
}
