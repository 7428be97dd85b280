import NuthatchCache
import NuthatchTensors

extension LayerStack {
    /// Whether what is asked of a pass over this cache can be told, asked before anything changes.
    func check(_ probe: PassProbe, _ entry: PassEntry) throws(ModelError) {
        guard probe.rowCount == entry.tokens.count else {
            throw .invalidBatch(reason: "a probe looks on that has room for other rows")
        }
        for (index, layer) in entry.cache.plan.layers.enumerated()
        where layer.retention.distantLimit != nil && probe.points.contains(ProbePoint(.scores, layer: index))
        {
            throw .unsupportedObservation(layer: index)
        }
    }

    /// Adds what can be told of a pass's end, before it is committed: what caches held, and what rows gave each position,
    /// computed anew from the queries that were noted and the keys as the pass read them.
    func complete(_ probe: PassProbe, _ cache: SequenceCache, _ logits: Rows) throws(CacheError) {
        for layer in layers.indices {
            let isWanted = probe.points.contains(ProbePoint(.appended, layer: layer))
            let queries = probe.noted(.scores, layer: layer, .queries)
            guard isWanted || queries != nil else { continue }
            let contents = try cache.readReserved(layer: layer)
            if isWanted { probe.contents[layer] = contents }
            if let queries {
                (probe.scores[layer], probe.attentions[layer]) = scores(queries, layer, contents, cache)
            }
        }
        guard probe.points.contains(ProbePoint(.logits)) else { return }
        probe.logits = (0..<logits.rowCount).flatMap { row in
            UnsafeBufferPointer(start: logits[row], count: logits.columnCount)
        }
    }

    private func scores(
        _ queries: Rows, _ layer: Int, _ contents: SequenceCache.LayerContents, _ cache: SequenceCache
    ) -> (scores: [Float], attentions: [Float]) {
        let retention = cache.plan.layers[layer].retention
        let geometry = layerGeometries[layer]
        let queryCount = specification.attention.heads.queryCount
        let group = queryCount / geometry.kvHeadCount
        let dimension = geometry.keyDimension
        let firstPosition = cache.tokenCount
        let tokenCount = firstPosition + queries.rowCount
        let count = queryCount * queries.rowCount * tokenCount
        var all = [Float](repeating: -.infinity, count: count)
        var attentions = [Float](repeating: 0, count: count)
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
                for (place, index) in seen.enumerated() {
                    let at = (head * queries.rowCount + row) * tokenCount + contents.positions[index]
                    all[at] = Float(scores[place])
                    attentions[at] = Float(shares[place] / sum)
                }
            }
        }
        return (all, attentions)
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
