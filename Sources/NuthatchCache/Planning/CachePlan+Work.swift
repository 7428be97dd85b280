package import NuthatchTensors

extension CachePlan {
    /// What attention over such a cache takes for a pass of one sequence, by arithmetic: `WorkTally` counts the same while it
    /// happens. Compressive memory's own products are not in it.
    ///
    /// - Parameters:
    ///   - rowCount: tokens of the pass.
    ///   - tokenCount: those before them.
    package func work(rowCount: Int, behind tokenCount: Int, queryHeadCount: Int) -> WorkTally {
        var tally = WorkTally()
        if rowCount == 0 { return tally }
        let positions = tokenCount..<tokenCount + rowCount
        for (index, layer) in layers.enumerated() {
            let geometry = layer.geometry
            let pairCount = positions.reduce(0) { $0 + layer.retention.visibleCount(from: $1) }
            tally.attentionMultiplyAdds +=
                pairCount * queryHeadCount * (geometry.keyDimension + geometry.valueDimension)
            tally.cacheWrittenByteCount +=
                geometry.kvHeadCount * layer.openLayout.exactByteCount(tokenCount: rowCount)
            let tiling = AttentionTiling(layer, index: index, positions: positions)
            tiling.forEachBlock { block in
                tiling.forEachPiece(of: block) { piece in
                    tally.cacheReadByteCount +=
                        geometry.kvHeadCount * layer.readByteCount(for: piece, tiling)
                }
            }
        }
        return tally
    }
}

extension LayerPlan {
    /// Bytes of one head that queries of these positions see, read once for all of them.
    fileprivate func readByteCount(for positions: Range<Int>, _ tiling: AttentionTiling) -> Int {
        let pageLength = tiling.pageLength
        let last = positions.upperBound - 1
        let sealedEnd =
            kept.sealing == .coding
            ? tiling.sealedEnd(queryPage: positions.lowerBound / pageLength) * pageLength : 0
        var seen = [retention.firstVisible(from: positions.lowerBound)..<last + 1]
        if let window = retention.sinkWindow {
            seen.append(0..<max(0, min(retention.sinkCount, last - window + 1)))
        }
        let exactCount = exactSinks?.count ?? 0
        return seen.reduce(0) { sum, range in
            let coded = range.clamped(to: 0..<sealedEnd)
            let exactFirst = coded.clamped(to: 0..<exactCount)
            let open = range.count - coded.count
            let exactByteCount =
                exactSinks.map { exactFirst.count * $0.layout.headByteCount / $0.layout.pageLength } ?? 0
            return sum + open * openLayout.headByteCount / pageLength + exactByteCount
                + (coded.count - exactFirst.count) * sealedLayout.headByteCount / pageLength
        }
    }
}

extension Retention {
    /// How many positions a query sees, its own included.
    package func visibleCount(from position: Int) -> Int {
        let first = firstVisible(from: position)
        return position - first + 1 + min(sinkCount, first)
    }

    /// The window behind sinks; nil where there are none.
    fileprivate var sinkWindow: Int? {
        if case .sinks(_, let window, _) = self { window } else { nil }
    }
}
