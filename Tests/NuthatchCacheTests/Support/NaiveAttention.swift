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
        let retention = shape.retentions[layer]
        var result: [Number] = []
        for position in firstToken..<tokens.count {
            let first = retention.firstVisible(from: position)
            let sinks = 0..<min(retention.sinkCount, first)
            let place = retention.distantPosition(of: position)
            let near = queries(tokens[position], position: position, layer: layer, at: position)
            let distant = queries(tokens[position], position: position, layer: layer, at: place)
            for head in 0..<shape.queryHeadCount {
                let seen =
                    sinks.map { (position: $0, query: distant[head]) }
                    + (first...position).map { (position: $0, query: near[head]) }
                let local = output(seen, kvHead: head / group, contents: contents, of: (head, position))
                guard case .compressive(let length, let rule) = retention else {
                    result += local
                    continue
                }
                let memory = NaiveMemory<Number>(
                    shape: shape, tokens: tokens, layer: layer, kvHead: head / group,
                    tokenCount: position / length * length, segmentLength: length, rule: rule,
                    exponential: exponential)
                result += memory.mixed(distant[head], gate: shape.parameters.memoryGates[head], local)
            }
        }
        return result
    }

    /// One token's queries by head.
    private func queries(_ token: Token, position: Int, layer: Int, at place: Int?) -> [[Number]] {
        let row = shape.row(.query, token, position: position, layer: layer, at: place).map(Number.init)
        return stride(from: 0, to: row.count, by: shape.keyDimension).map {
            Array(row[$0..<$0 + shape.keyDimension])
        }
    }

    private func place(of position: Int, in contents: SequenceCache.LayerContents) -> Int {
        contents.positions.firstIndex(of: position) ?? -1
    }

    /// One head's output over the positions seen, each with the query as it looks at it.
    ///
    /// - Parameter place: where the query stands, for whom distances are worth something.
    func output(
        _ seen: [(position: Int, query: [Number])], kvHead: Int, contents: SequenceCache.LayerContents,
        of place: (head: Int, position: Int)? = nil
    ) -> [Number] {
        let count = contents.positions.count
        let scores = seen.map { position, query in
            let start = (kvHead * count + self.place(of: position, in: contents)) * shape.keyDimension
            var score: Number = 0
            for dimension in query.indices {
                score += query[dimension] * Number(contents.keys[start + dimension])
            }
            score *= Number(shape.parameters.scale)
            if let cap = shape.parameters.logitSoftcap {
                score = hyperbolicTangent(score / Number(cap)) * Number(cap)
            }
            if let place, let bias = shape.parameters.positionBias {
                score += Number(bias.value(head: place.head, distance: position - place.position))
            }
            return score
        }
        let largest = scores.max() ?? 0
        let weights = scores.map { exponential($0 - largest) }
        let sum = weights.reduce(0, +)
        return (0..<shape.valueDimension).map { dimension in
            var output: Number = 0
            for (weight, token) in zip(weights, seen) {
                let start =
                    (kvHead * count + self.place(of: token.position, in: contents)) * shape.valueDimension
                output += weight * Number(contents.values[start + dimension])
            }
            return output / sum
        }
    }
}
