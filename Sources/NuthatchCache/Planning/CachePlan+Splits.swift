extension CachePlan {
    /// The most bytes of states that wait to be merged in passes over `sequenceCount` sequences of up to `tokenCount` tokens
    /// each: what `AttentionWorkspace` takes beside the pages, from the same budget.
    package func splitByteCount(tokenCount: Int, sequenceCount: Int, queryHeadCount: Int) -> Int {
        layers.reduce(0) { most, layer in
            let tiling = AttentionTiling(
                layer, index: 0, positions: max(0, tokenCount - 1)..<max(1, tokenCount))
            guard tiling.splits.count > 1 else { return most }
            let ofOne = min(AttentionTiling.mostRowSplits, tiling.blockLength * tiling.splits.count)
            let (ofAll, overflow) = ofOne.multipliedReportingOverflow(by: sequenceCount)
            return max(
                most,
                AttentionWorkspace.splitByteCount(
                    rowSplitCount: overflow ? CacheBatch.mostRowSplits : min(CacheBatch.mostRowSplits, ofAll),
                    queryHeadCount: queryHeadCount, valueDimension: layer.geometry.valueDimension))
        }
    }
}
