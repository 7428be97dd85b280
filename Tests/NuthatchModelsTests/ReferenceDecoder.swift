import Foundation
import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// A decoder as the papers write it: whole sequences, no cache, no kernels, double precision. Slow and short.
///
/// Everything fast answers to it. Rows are arrays; [[Double]] is [position][feature].
struct ReferenceDecoder {
    let specification: DecoderSpecification
    let contextLength: Int
    /// A tensor's elements, by place and kind; nil where the decoder has none.
    let tensor: (TensorPlace, TensorKind) -> [Float]?
    /// What each layer keeps; nil leaves it its own.
    var retentions: [Retention]?

    typealias Row = [Double]

    /// Logits of every position.
    func logits(_ tokens: [TokenID]) -> [Row] {
        var stream = zip(tokens, 0...).map(embed)
        for (index, layer) in specification.layers.enumerated() {
            let attended = attention(stream.map { before($0, index, .attentionNorm) }, index, layer)
            if case .parallel(let sharesNorm) = specification.arrangement {
                let part = sharesNorm ? LayerPart.attentionNorm : .feedForwardNorm
                let fed = stream.map { feedForward(before($0, index, part), index) }
                stream = join(
                    join(stream, attended, index, .attentionPostNorm), fed, index, .feedForwardPostNorm)
            } else {
                stream = join(stream, attended, index, .attentionPostNorm)
                let fed = stream.map { feedForward(before($0, index, .feedForwardNorm), index) }
                stream = join(stream, fed, index, .feedForwardPostNorm)
            }
        }
        return stream.map { logits(specification.norms.hasFinal ? norm($0, .finalNorm) : $0) }
    }

    // MARK: The ends

    private func embed(_ token: TokenID, _ position: Int) -> Row {
        let embedding = specification.embedding
        var row = vector(.embedding, Int(token), specification.embeddingWidth)
            .map { $0 * Double(embedding.scale ?? 1) }
        if embedding.projectedWidth != nil { row = linear(row, .embeddingProjection) }
        guard let positions = embedding.positions else { return row }
        return zip(row, vector(.positions, positions.offset + position, row.count)).map(+)
    }

    private func vector(_ place: TensorPlace, _ index: Int, _ size: Int) -> Row {
        (tensor(place, .weight) ?? [])[index * size..<(index + 1) * size].map(Double.init)
    }

    private func logits(_ row: Row) -> Row {
        let embedding = specification.embedding
        let row = embedding.projectedWidth == nil ? row : linear(row, .outputProjection)
        let scores = linear(row, embedding.isTied ? .embedding : .output)
        return scores.map { score in
            let scaled = score * Double(embedding.logitScale ?? 1)
            return embedding.logitSoftcap.map { Double($0) * tanh(scaled / Double($0)) } ?? scaled
        }
    }

    // MARK: Attention

    private func attention(_ inputs: [Row], _ index: Int, _ layer: DecoderSpecification.Layer) -> [Row] {
        let attention = specification.attention
        let heads = attention.heads
        let queries = inputs.map { split(linear($0, .layer(index, .query)), heads.queryCount) }
        let keys = inputs.map { split(linear($0, .layer(index, .key)), heads.kvCount) }
        let values = inputs.map { split(linear($0, .layer(index, .value)), heads.kvCount) }
        let normed = (
            queries: normed(queries, .layer(index, .queryNorm)), keys: normed(keys, .layer(index, .keyNorm))
        )
        let retention = retentions?[index] ?? layer.retention
        let table = layer.rotary?.table(contextLength: contextLength)
        func turned(_ head: Row, _ position: Int) -> Row {
            guard let rotary = layer.rotary, let table else { return head }
            return turn(head, position, rotary, table)
        }
        return inputs.indices.map { position in
            let seen = positions(seenFrom: position, retention)
            let places = places(of: seen, retention)
            var output: Row = []
            for head in 0..<heads.queryCount {
                let kvHead = head / (heads.queryCount / heads.kvCount)
                let query = turned(normed.queries[position][head], places[places.count - 1])
                let scores = zip(seen, places).map {
                    score(query, turned(normed.keys[$0][kvHead], $1), layer.scoreScale ?? 1)
                }
                let local = weighted(seen.map { values[$0][kvHead] }, softmax(scores))
                guard case .compressive(let length, .linear) = retention else {
                    output += local
                    continue
                }
                let gates = tensor(.layer(index, .memoryGate), .weight) ?? []
                let past = 0..<position / length * length
                let recalled = recalled(
                    turned(normed.queries[position][head], 0),
                    past.map { turned(normed.keys[$0][kvHead], 0) },
                    past.map { values[$0][kvHead] })
                let gate = 1 / (1 + exp(-Double(gates[head])))
                output += zip(recalled, local).map { gate * $0 + (1 - gate) * $1 }
            }
            return linear(output, .layer(index, .attentionOutput))
        }
    }

    private func positions(seenFrom position: Int, _ retention: Retention) -> [Int] {
        switch retention {
        case .full: Array(0...position)
        case .window(let length): Array(max(0, position - length + 1)...position)
        case .sinks(let count, let window, _): (0...position).filter { $0 < count || $0 > position - window }
        case .compressive(let length, _): Array(position / length * length...position)
        }
    }

    /// Where tokens stand among those that are left (StreamingLLM): the query is the last one.
    private func places(of seen: [Int], _ retention: Retention) -> [Int] {
        if case .sinks(_, _, .inCache) = retention { Array(seen.indices) } else { seen }
    }

    /// What the memory of all `keys` gives (Infini-attention, linear): attention without the softmax.
    private func recalled(_ query: Row, _ keys: [Row], _ values: [Row]) -> Row {
        func sigma(_ x: Row) -> Row { x.map { $0 > 0 ? $0 + 1 : exp($0) } }
        let weights = keys.map { dot(sigma(query), sigma($0)) }
        let sum = weights.reduce(0, +)
        return weighted(values, weights.map { $0 / sum })
    }

    private func weighted(_ values: [Row], _ weights: Row) -> Row {
        let zero = Row(repeating: 0, count: specification.attention.heads.dimension)
        return zip(values, weights).reduce(zero) { sum, part in
            zip(sum, part.0).map { $0 + part.1 * $1 }
        }
    }

    private func score(_ query: Row, _ key: Row, _ layerScale: Float) -> Double {
        let score = dot(query, key) * Double(specification.attention.scale * layerScale)
        return specification.attention.softcap.map { Double($0) * tanh(score / Double($0)) } ?? score
    }

    private func softmax(_ scores: Row) -> Row {
        let highest = scores.max() ?? 0
        let exponentials = scores.map { exp($0 - highest) }
        let sum = exponentials.reduce(0, +)
        return exponentials.map { $0 / sum }
    }

    /// [position][head] rows, normalised where the model does so.
    private func normed(_ rows: [[Row]], _ place: TensorPlace) -> [[Row]] {
        guard let headNorm = specification.attention.headNorm, let weights = tensor(place, .weight) else {
            return rows
        }
        return rows.map { heads in
            headNorm == .each
                ? heads.map { rms($0, weights) } : split(rms(heads.flatMap(\.self), weights), heads.count)
        }
    }

    private func turn(_ head: Row, _ position: Int, _ rotary: RotaryEmbedding, _ table: RotaryTable) -> Row {
        var turned = head
        let pairCount = rotary.dimension / 2
        for pair in 0..<pairCount {
            let (first, second) =
                rotary.pairing == .halves ? (pair, pair + pairCount) : (2 * pair, 2 * pair + 1)
            let angle = Double(position) * Double(table.inverseFrequencies[pair])
            let (cosine, sine) = (
                cos(angle) * Double(table.attentionFactor), sin(angle) * Double(table.attentionFactor)
            )
            turned[first] = head[first] * cosine - head[second] * sine
            turned[second] = head[second] * cosine + head[first] * sine
        }
        return turned
    }

    // MARK: Feed-forward

    private func feedForward(_ input: Row, _ index: Int) -> Row {
        guard specification.layers[index].isSparse, let experts = specification.feedForward.experts else {
            return feedForward(input) { .layer(index, $0.dense) }
        }
        var output = Row(repeating: 0, count: input.count)
        if experts.sharedSize != nil { output = feedForward(input) { .layer(index, $0.shared) } }
        for (expert, weight) in routes(linear(input, .layer(index, .router)), index, experts) {
            let given = feedForward(input) { .expert(index, expert, $0) }
            output = zip(output, given).map { $0 + weight * $1 }
        }
        return output
    }

    /// The experts that a row uses, and their weights.
    private func routes(
        _ products: Row, _ index: Int, _ experts: DecoderSpecification.Experts
    ) -> [(expert: Int, weight: Double)] {
        let scores = experts.scoring == .softmax ? softmax(products) : products.map { 1 / (1 + exp(-$0)) }
        let bias = (tensor(.layer(index, .selectionBias), .bias) ?? []).map(Double.init)
        let ranks = bias.isEmpty ? scores : zip(scores, bias).map(+)
        var candidates = Array(scores.indices)
        if let groups = experts.groups {
            let size = scores.count / groups.count
            let worths = (0..<groups.count).map { group in
                let best = ranks[group * size..<(group + 1) * size].sorted(by: >)
                return best.prefix(groups.rank == .best ? 1 : 2).reduce(0, +)
            }
            let kept = (0..<groups.count).sorted { worths[$0] > worths[$1] }.prefix(groups.usedCount)
            candidates.removeAll { !kept.contains($0 / size) }
        }
        let used = candidates.sorted { ranks[$0] > ranks[$1] }.prefix(experts.usedCount)
        let sum = experts.normalisesWeights ? used.map { scores[$0] }.reduce(0, +) : 1
        return used.map { ($0, scores[$0] / sum * Double(experts.weightScale ?? 1)) }
    }

    private func feedForward(_ input: Row, _ place: (FeedForwardPart) -> TensorPlace) -> Row {
        let up = linear(input, place(.up))
        guard specification.feedForward.isGated else {
            return linear(up.map(activation), place(.down))
        }
        let gate = linear(input, place(.gate))
        return linear(zip(gate, up).map { activation($0) * $1 }, place(.down))
    }

    private func activation(_ x: Double) -> Double {
        switch specification.feedForward.activation {
        case .silu: x / (1 + exp(-x))
        case .geluTanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .geluErf: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        case .relu: max(x, 0)
        case .geluLogistic: x / (1 + exp(-1.702 * x))
        }
    }

    // MARK: Norms and sums

    private func norm(_ row: Row, _ place: TensorPlace) -> Row {
        let weights = tensor(place, .weight) ?? []
        guard specification.norms.kind == .layer else { return rms(row, weights) }
        let mean = row.reduce(0, +) / Double(row.count)
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
        let deviation = (variance + Double(specification.norms.epsilon)).squareRoot()
        let biases = tensor(place, .bias) ?? []
        return row.indices.map { (row[$0] - mean) / deviation * Double(weights[$0]) + Double(biases[$0]) }
    }

    private func rms(_ row: Row, _ weights: [Float]) -> Row {
        let offset = if case .rms(let offset) = specification.norms.kind { Double(offset) } else { 0.0 }
        let root = (dot(row, row) / Double(row.count) + Double(specification.norms.epsilon)).squareRoot()
        return zip(row, weights).map { $0 / root * (Double($1) + offset) }
    }

    /// What a sublayer reads.
    private func before(_ row: Row, _ index: Int, _ part: LayerPart) -> Row {
        specification.norms.order.precedesSublayers ? norm(row, .layer(index, part)) : row
    }

    /// The stream with what a sublayer gave.
    private func join(_ stream: [Row], _ branch: [Row], _ index: Int, _ part: LayerPart) -> [Row] {
        let order = specification.norms.order
        let normsBranch = order == .around || order == .after
        let added = add(
            stream,
            branch.map { row in
                (normsBranch ? norm(row, .layer(index, part)) : row)
                    .map { $0 * Double(specification.residualScale ?? 1) }
            })
        return order == .afterSum ? added.map { norm($0, .layer(index, part)) } : added
    }

    private func add(_ left: [Row], _ right: [Row]) -> [Row] {
        zip(left, right).map { zip($0, $1).map(+) }
    }

    private func linear(_ input: Row, _ place: TensorPlace) -> Row {
        let weights = tensor(place, .weight) ?? []
        let biases = tensor(place, .bias)
        return (0..<weights.count / input.count).map { output in
            let row = weights[output * input.count..<(output + 1) * input.count].map(Double.init)
            return dot(input, row) + Double(biases?[output] ?? 0)
        }
    }

    private func split(_ row: Row, _ count: Int) -> [Row] {
        let size = row.count / count
        return (0..<count).map { Array(row[$0 * size..<($0 + 1) * size]) }
    }

    private func dot(_ left: Row, _ right: Row) -> Double { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }
}
