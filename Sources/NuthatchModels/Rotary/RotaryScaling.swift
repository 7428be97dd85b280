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
        case .long(let scaling):
            (lists, numbers) = ([scaling.shortFactors, scaling.longFactors], scaling.numbers)
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
                    file: file, field: "the rotary scaling",
                    reason: "holds \(number), no finite number above 0")
            }
        }
    }
}
