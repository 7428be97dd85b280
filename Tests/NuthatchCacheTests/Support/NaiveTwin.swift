import NuthatchCache

/// What a cache should be, kept the slow way: every token ever seen, and for each layer which positions are
/// left.
struct NaiveTwin {
    let shape: Shape
    let pageLength: Int
    let guaranteedRewind: Int
    private(set) var tokens: [Token] = []
    /// Whether a position is there as a part of a window or history, [layer][position]; sinks are there besides.
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

    /// The longest beginning of at most `count` tokens that there is a way back to.
    mutating func truncate(to count: Int) -> Rewind {
        let segments = shape.retentions.compactMap { retention -> Int? in
            guard case .compressive(let length, _) = retention else { return nil }
            return min(count, tokens.count / length * length)
        }
        let candidates = [count, count / pageLength * pageLength] + segments
        guard let kept = candidates.sorted(by: >).first(where: isWhole) else {
            reset()
            return .recompute(from: 0)
        }
        tokens.removeLast(tokens.count - kept)
        for layer in isKept.indices { isKept[layer].removeLast(isKept[layer].count - kept) }
        return kept == count ? .exact : .recompute(from: kept)
    }

    /// Whether every layer has what a query at `count` sees.
    private func isWhole(_ count: Int) -> Bool {
        count == tokens.count
            || shape.retentions.indices.allSatisfy { layer in
                let retention = shape.retentions[layer]
                // A memory takes back the segment under way, or nothing.
                if case .compressive(let length, _) = retention, count != tokens.count / length * length {
                    return false
                }
                return (0..<count).allSatisfy { position in
                    isKept[layer][position] || position < retention.firstVisible(from: count)
                }
            }
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
        tokens.indices.filter { isKept[layer][$0] || $0 < shape.retentions[layer].sinkCount }
    }

    func contents(layer: Int) -> SequenceCache.LayerContents {
        let positions = positions(layer: layer)
        func numbers(_ kind: Token.Kind) -> [Float] {
            let (headCount, dimension) = shape.size(of: kind)
            let rows = positions.map { shape.row(kind, tokens[$0], position: $0, layer: layer) }
            return (0..<headCount).flatMap { head in
                rows.flatMap { $0[head * dimension..<(head + 1) * dimension] }
            }
        }
        return SequenceCache.LayerContents(
            positions: positions, keys: numbers(.key), values: numbers(.value))
    }
}
