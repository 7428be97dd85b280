import NuthatchCache

/// Attention as in the paper, over arrays, in a number type of choice: the reference.
struct NaiveAttention<Number: BinaryFloatingPoint> {
    let shape: Shape
    /// exp in that precision.
    let exponential: (Number) -> Number
    let hyperbolicTangent: (Number) -> Number

    /// Outputs [token, queryHead * valueDimension] of a layer for the tokens of a sequence from the first-th
    /// on.
    func outputs(
        _ tokens: [Token], layer: Int, contents: SequenceCache.LayerContents, from firstToken: Int = 0
    ) -> [Number] {
        let group = shape.queryHeadCount / shape.kvHeadCount
        var result: [Number] = []
        for position in firstToken..<tokens.count {
            let first = shape.retentions[layer].firstVisible(from: position)
            for head in 0..<shape.queryHeadCount {
                let query = (0..<shape.keyDimension).map { dimension in
                    Number(
                        tokens[position].number(
                            .query, position: position, layer: layer,
                            index: head * shape.keyDimension + dimension))
                }
                result += output(query, kvHead: head / group, visible: first...position, contents: contents)
            }
        }
        return result
    }

    private func place(of position: Int, in contents: SequenceCache.LayerContents) -> Int {
        contents.positions.firstIndex(of: position) ?? -1
    }

    private func output(
        _ query: [Number], kvHead: Int, visible: ClosedRange<Int>, contents: SequenceCache.LayerContents
    ) -> [Number] {
        let count = contents.positions.count
        let scores = visible.map { position in
            let start = (kvHead * count + place(of: position, in: contents)) * shape.keyDimension
            var score: Number = 0
            for dimension in query.indices {
                score += query[dimension] * Number(contents.keys[start + dimension])
            }
            score *= Number(shape.parameters.scale)
            if let cap = shape.parameters.logitSoftcap {
                score = hyperbolicTangent(score / Number(cap)) * Number(cap)
            }
            return score
        }
        let largest = scores.max() ?? 0
        let weights = scores.map { exponential($0 - largest) }
        let sum = weights.reduce(0, +)
        return (0..<shape.valueDimension).map { dimension in
            var output: Number = 0
            for (weight, position) in zip(weights, visible) {
                let start = (kvHead * count + place(of: position, in: contents)) * shape.valueDimension
                output += weight * Number(contents.values[start + dimension])
            }
            return output / sum
        }
    }
}
