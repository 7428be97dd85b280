import NuthatchCache
import NuthatchTensors

extension LayerStack {
    /// Whether the attentions of a pass over these caches can be told, asked before anything changes.
    func check(_ observer: PassObserver, _ entry: PassEntry) throws(ModelError) {
        guard observer.rowCount == entry.tokens.count else {
            throw .invalidBatch(reason: "an observer looks on that has room for other rows")
        }
        guard observer.wishes.contains(.attentions) else { return }
        for (index, layer) in entry.cache.plan.layers.enumerated()
        where layer.retention.distantLimit != nil {
            throw .unsupportedObservation(layer: index)
        }
    }

    /// How much each row of a pass took from each position: computed anew, from the queries that were noted and the
    /// keys as the pass read them, before it is committed.
    ///
    /// - Returns: [layer] of [queryHead, row, position] for all positions up to the last row's; 0 where a row doesn't
    ///   look.
    func attentions(
        observed observer: PassObserver, in cache: SequenceCache
    ) throws(CacheError) -> [[Float]] {
        var attentions: [[Float]] = []
        guard observer.wishes.contains(.attentions) else { return attentions }
        for layer in layers.indices {
            guard let queries = observer.queryRows(layer: layer) else { continue }
            attentions.append(
                shares(of: queries, layer, try cache.readReserved(layer: layer), cache))
        }
        return attentions
    }

    private func shares(
        of queries: Rows, _ layer: Int, _ contents: SequenceCache.LayerContents, _ cache: SequenceCache
    ) -> [Float] {
        let retention = cache.plan.layers[layer].retention
        let geometry = layerGeometries[layer]
        let queryCount = specification.attention.heads.queryCount
        let group = queryCount / geometry.kvHeadCount
        let dimension = geometry.keyDimension
        let firstPosition = cache.tokenCount
        let tokenCount = firstPosition + queries.rowCount
        var result = [Float](repeating: 0, count: queryCount * queries.rowCount * tokenCount)
        for row in 0..<queries.rowCount {
            let seen = contents.positions.indices.filter { index in
                retention.isVisible(contents.positions[index], from: firstPosition + row)
            }
            for head in 0..<queryCount {
                let keys = head / group * contents.positions.count * dimension
                let query = queries[row] + head * dimension
                let scores = seen.map { index in
                    score(query, contents.keys[(keys + index * dimension)...].prefix(dimension), layer)
                }
                let highest = scores.max() ?? 0
                let shares = scores.map { RealFunctions.exponential($0 - highest) }
                let sum = shares.reduce(0, +)
                for (index, share) in zip(seen, shares) {
                    let at = (head * queries.rowCount + row) * tokenCount + contents.positions[index]
                    result[at] = Float(share / sum)
                }
            }
        }
        return result
    }

    private func score(_ query: UnsafePointer<Float>, _ key: ArraySlice<Float>, _ layer: Int) -> Double {
        var sum: Double = 0
        for (index, element) in key.enumerated() { sum += Double(query[index]) * Double(element) }
        let score = sum * Double(layers[layer].attentionScale)
        return specification.attention.softcap.map { cap in
            Double(cap) * RealFunctions.hyperbolicTangent(score / Double(cap))
        } ?? score
    }
}

extension Retention {
    /// Whether a query looks at a position.
    fileprivate func isVisible(_ position: Int, from query: Int) -> Bool {
        position <= query && (position >= firstVisible(from: query) || position < sinkCount)
    }
}
