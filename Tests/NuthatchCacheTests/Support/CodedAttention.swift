#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Attention over the numbers of one page of codes in double precision, and how far from it rounding may lead.
///
/// A sum of x_i (s_i c_i + o_i) is made of integers that stand for y_i, which is x_i s_i where all lanes share the
/// groups along the sum, and x_i where a lane has its own: off by half of max |y| / 16,319 each.
struct CodedAttention {
    let keys: CodedNumbers
    let values: CodedNumbers

    private static let steps = 16_319.0

    func output(
        _ query: [Double], visibleCount: Int, scale: Double
    ) -> (output: [Double], bound: [Double]) {
        var scores: [Double] = []
        var scoreError = 0.0
        for slot in 0..<visibleCount {
            let (sum, error) = Self.sum(
                query, of: keys, sharesGroups: keys.coding.axis != .slot, at: { (slot, $0) })
            scores.append(sum * scale)
            scoreError = max(scoreError, error * scale)
        }
        let largest = scores.max() ?? 0
        let probabilities = scores.map { exp($0 - largest) }
        let total = probabilities.reduce(0, +)
        let dimensions = 0..<values.shape.dimension
        let sums = dimensions.map { dimension in
            Self.sum(
                probabilities, of: values, sharesGroups: values.coding.axis == .slot, at: { ($0, dimension) })
        }
        let output = sums.map { $0.sum / total }
        // Each probability may be off by a factor of exp(2 * scoreError).
        let bound = dimensions.map { dimension in
            let spread = (0..<visibleCount).map {
                abs(Double(values.numbers[$0 * values.shape.dimension + dimension]) - output[dimension])
            }
            return sums[dimension].error / total + expm1(2 * scoreError) * (spread.max() ?? 0)
        }
        return (output, bound)
    }

    private static func sum(
        _ x: [Double], of numbers: CodedNumbers, sharesGroups: Bool,
        at place: (Int) -> (slot: Int, dimension: Int)
    ) -> (sum: Double, error: Double) {
        let indices = x.indices.map { index in
            let (slot, dimension) = place(index)
            return slot * numbers.shape.dimension + dimension
        }
        let scales = indices.map { Double(numbers.scales[numbers.groups[$0]]) }
        let magnitudes = x.indices.map { abs(x[$0]) * (sharesGroups ? scales[$0] : 1) }
        let halfUnit = (magnitudes.max() ?? 0) / steps / 2
        var (sum, error) = (0.0, 0.0)
        for (index, number) in zip(x.indices, indices) {
            sum += x[index] * Double(numbers.numbers[number])
            error += halfUnit * Double(numbers.codes[number]) * (sharesGroups ? 1 : scales[index])
        }
        return (sum, error)
    }
}
