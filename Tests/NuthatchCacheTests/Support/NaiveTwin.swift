import NuthatchCache

/// What a cache should be, kept the slow way: every token ever seen, and for each layer which positions are
/// left.
struct NaiveTwin {
    let shape: Shape
    let pageLength: Int
    let guaranteedRewind: Int
    private(set) var tokens: [Token] = []
    /// [layer][position]
    private(set) var isKept: [[Bool]]

    init(_ shape: Shape, configuration: CacheConfiguration) {
        self.shape = shape
        pageLength = configuration.pageLength
        guaranteedRewind = configuration.guaranteedRewind
        isKept = shape.retentions.map { _ in [] }
    }

    mutating func append(_ new: [Token]) {
        tokens += new
        for (layer, retention) in shape.retentions.enumerated() {
            isKept[layer] += new.map { _ in true }
            for position in tokens.indices where isGone(position, retention) {
                isKept[layer][position] = false
            }
        }
    }

    /// Whether the whole page of a position is outside the window of every later query, one rewound as far as
    /// is guaranteed included.
    private func isGone(_ position: Int, _ retention: Retention) -> Bool {
        let lastOfPage = position / pageLength * pageLength + pageLength - 1
        return lastOfPage < retention.firstVisible(from: tokens.count) - guaranteedRewind
    }

    mutating func truncate(to count: Int) -> Rewind {
        let isWhole =
            count == tokens.count
            || shape.retentions.indices.allSatisfy { layer in
                (0..<count).allSatisfy { position in
                    isKept[layer][position] || position < shape.retentions[layer].firstVisible(from: count)
                }
            }
        guard isWhole else {
            reset()
            return .recompute(from: 0)
        }
        tokens.removeLast(tokens.count - count)
        for layer in isKept.indices { isKept[layer].removeLast(isKept[layer].count - count) }
        return .exact
    }

    mutating func reset() {
        tokens = []
        isKept = isKept.map { _ in [] }
    }

    /// Pretends that nothing was ever dropped: a full history.
    mutating func restoreAll() {
        isKept = isKept.map { $0.map { _ in true } }
    }

    /// The positions of a layer that are left, in order.
    func positions(layer: Int) -> [Int] {
        tokens.indices.filter { isKept[layer][$0] }
    }

    func contents(layer: Int) -> SequenceCache.LayerContents {
        let positions = positions(layer: layer)
        func numbers(_ kind: Token.Kind, _ dimension: Int) -> [Float] {
            var numbers: [Float] = []
            for index in 0..<shape.kvHeadCount * positions.count * dimension {
                let head = index / dimension / max(positions.count, 1)
                let position = positions[index / dimension % max(positions.count, 1)]
                let place = head * dimension + index % dimension
                numbers.append(tokens[position].number(kind, position: position, layer: layer, index: place))
            }
            return numbers
        }
        return SequenceCache.LayerContents(
            positions: positions, keys: numbers(.key, shape.keyDimension),
            values: numbers(.value, shape.valueDimension))
    }
}
