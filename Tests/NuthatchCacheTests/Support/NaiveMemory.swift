import NuthatchCache

/// Infini-attention's memory of one head (arXiv:2404.07143), built anew from every token's key and value.
struct NaiveMemory<Number: BinaryFloatingPoint> {
    private let exponential: (Number) -> Number
    /// M, [keyDimension][valueDimension]
    private var matrix: [[Number]]
    /// z, [keyDimension]
    private var normalizer: [Number]

    /// - Parameter tokenCount: of whole segments.
    init(
        shape: Shape, tokens: [Token], layer: Int, kvHead: Int, tokenCount: Int, segmentLength: Int,
        rule: Retention.MemoryRule, exponential: @escaping (Number) -> Number
    ) {
        self.exponential = exponential
        matrix = Array(
            repeating: Array(repeating: 0, count: shape.valueDimension), count: shape.keyDimension)
        normalizer = Array(repeating: 0, count: shape.keyDimension)
        for start in stride(from: 0, to: tokenCount, by: segmentLength) {
            let before = self
            for position in start..<start + segmentLength {
                let token = tokens[position]
                let keys = shape.row(.key, token, position: position, layer: layer, at: 0)
                let values = shape.row(.value, token, position: position, layer: layer)
                let key = keys[kvHead * shape.keyDimension..<(kvHead + 1) * shape.keyDimension].map(
                    Number.init)
                var news = values[kvHead * shape.valueDimension..<(kvHead + 1) * shape.valueDimension]
                    .map(Number.init)
                if rule == .delta { news = zip(news, before.recalled(key)).map { $0 - $1 } }
                for (row, feature) in features(key).enumerated() {
                    for column in news.indices { matrix[row][column] += feature * news[column] }
                    normalizer[row] += feature
                }
            }
        }
    }

    private func features(_ x: [Number]) -> [Number] { x.map { $0 > 0 ? $0 + 1 : exponential($0) } }

    private func recalled(_ vector: [Number]) -> [Number] {
        let features = features(vector)
        let norm = zip(features, normalizer).reduce(0) { $0 + $1.0 * $1.1 }
        return matrix[0].indices.map { column in
            norm == 0 ? 0 : features.indices.reduce(0) { $0 + features[$1] * matrix[$1][column] } / norm
        }
    }

    /// What the memory gives for a query, mixed into the attention to its own segment.
    func mixed(_ query: [Number], gate: Float, _ local: [Number]) -> [Number] {
        let share = 1 / (1 + exponential(-Number(gate)))
        return zip(recalled(query), local).map { share * $0 + (1 - share) * $1 }
    }
}
