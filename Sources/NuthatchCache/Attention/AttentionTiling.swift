/// One sequence's attention in one layer, cut into work.
///
/// Positions are cut twice, always at the same places, so that no output's bits depend on who computes it:
///
///     queries     blocks of `blockLength` tokens, whose rows (token x query head of a kv head) read a page as one
///     keys        splits of `splitLength` positions: one softmax state each, merged in order
///
/// With many queries an item of work is (kv head, block) and walks all splits, merging as it goes. With one
/// block or less there would be too few of those, so an item is (kv head, split), and the states are merged
/// afterwards. The states and the order of merging are the same.
struct AttentionTiling {
    /// Where the tiling stands among the batch's entries.
    let index: Int
    /// The positions of its tokens.
    let positions: Range<Int>
    let retention: Retention
    let kept: KeptPages
    let kvHeadCount: Int
    let keyDimension: Int
    let valueDimension: Int
    let rotation: Rotation
    /// Whether there is room for states that wait to be merged.
    private let maySplit: Bool
    let rotatedValueDimension: Int

    init(_ plan: LayerPlan, index: Int, positions: Range<Int>, maySplit: Bool = true) {
        self.index = index
        self.maySplit = maySplit
        self.positions = positions
        retention = plan.retention
        kept = plan.kept
        kvHeadCount = plan.geometry.kvHeadCount
        keyDimension = plan.geometry.keyDimension
        valueDimension = plan.geometry.valueDimension
        rotation = plan.rotation
        rotatedValueDimension = plan.rotatedValueDimension
    }

    var pageLength: Int { kept.pageLength }

    /// Widening a page of 64 + 64 dimensions to floats takes 512 vectors some 1,000 cycles. 32 tokens of a
    /// kv head of 3 query heads are 96 rows, which multiply it in 96 x 512 operations at two a cycle: 25,000. Longer
    /// blocks would save 2 % more, and leave short prompts with too few blocks to share between workers.
    /// Blocks don't cross pages, so that all rows of a block may see an earlier page in the same form.
    var blockLength: Int { pageLength % 32 == 0 ? 32 : 16 }

    /// Pages per split: 256 positions. Per row a split costs its state's making and merging, some 60 vector
    /// operations, against 256 / 16 x (64 + 64) = 2,048 for its slots: 3 %. A longer split would save half of
    /// that, and leave one item per kv head, and so idle workers, up to 512 tokens instead of 256.
    static func splitPageCount(pageLength: Int) -> Int { max(1, 256 / pageLength) }

    var splitPageCount: Int { Self.splitPageCount(pageLength: pageLength) }

    // MARK: Pages

    /// The pages of its window, or its full history, that any query of `positions` sees.
    func windowPages(for positions: Range<Int>) -> Range<Int> {
        let first = retention.firstVisible(from: positions.lowerBound) / pageLength
        return first..<(positions.upperBound - 1) / pageLength + 1
    }

    /// The pages with sinks that any query of `positions` sees beside its window.
    func sinkPages(for positions: Range<Int>) -> Range<Int> {
        let end = min(retention.sinkCount, retention.firstVisible(from: positions.upperBound - 1))
        return 0..<(end + pageLength - 1) / pageLength
    }

    /// Pages up to this one are read in sealed form by queries in `queryPage`; all of them where both forms are
    /// the same page.
    func sealedEnd(queryPage: Int) -> Int {
        kept.sealing == .coding ? max(0, queryPage - kept.residualPageCount) : .max
    }

    /// Calls `body` with parts of `positions` whose queries read every page in the same form.
    func forEachPiece(of positions: Range<Int>, _ body: (Range<Int>) -> Void) {
        guard kept.sealing == .coding else { return body(positions) }
        Self.cut(positions, each: pageLength, body)
    }

    /// Calls `body` with the positions whose queries read pages together.
    func forEachBlock(_ body: (Range<Int>) -> Void) {
        if isSplitwise { body(positions) } else { Self.cut(positions, each: blockLength, body) }
    }

    /// Calls `body` with parts of `positions`, cut at the multiples of a length.
    private static func cut(_ positions: Range<Int>, each length: Int, _ body: (Range<Int>) -> Void) {
        var start = positions.lowerBound
        while start < positions.upperBound {
            let end = min((start / length + 1) * length, positions.upperBound)
            body(start..<end)
            start = end
        }
    }

    // MARK: Splits

    func splits(for positions: Range<Int>) -> SplitList {
        let window = windowPages(for: positions)
        let sinks = sinkPages(for: positions)
        return SplitList(
            sinkEnd: sinks.isEmpty ? 0 : (sinks.upperBound - 1) / splitPageCount + 1,
            window: window.lowerBound / splitPageCount..<(window.upperBound - 1) / splitPageCount + 1)
    }

    /// The pages of a split.
    func pages(ofSplit split: Int) -> Range<Int> {
        split * splitPageCount..<(split + 1) * splitPageCount
    }

    /// All splits of the tiling; empty if it has no tokens.
    var splits: SplitList { positions.isEmpty ? SplitList() : splits(for: positions) }

    /// Whether its splits are separate items whose states are merged after a barrier. Where those would be too many, its
    /// blocks walk all splits instead, to the same bits.
    var isSplitwise: Bool {
        maySplit && positions.count <= blockLength && splits.count > 1
            && rowSplitCount <= Self.mostRowSplits
    }

    /// Queries of a head times the splits that they see.
    var rowSplitCount: Int { positions.count * splits.count }

    /// The most of them that one entry keeps states for: a single token's over a million positions, or a block's over 32,768.
    /// With 32 heads of 128 dimensions those are 75 MB.
    static let mostRowSplits = 4_096

    /// States that wait to be merged: one per query row and split.
    func splitStateCount(queryHeadCount: Int) -> Int {
        isSplitwise ? splits.count * positions.count * queryHeadCount : 0
    }

    // MARK: Items

    /// Calls `body` with every item, in an order that is the same on every worker.
    func forEachItem(_ body: (AttentionItem) -> Void) {
        guard !positions.isEmpty else { return }
        for kvHead in 0..<kvHeadCount {
            if isSplitwise {
                for index in 0..<splits.count { body(splitItem(index, kvHead: kvHead)) }
            } else {
                Self.cut(positions, each: blockLength) { block in
                    let splits = splits(for: block)
                    body(item(kvHead, block, splits, 0..<splits.count))
                }
            }
        }
    }

    /// All queries over one split, where splits are separate items.
    func splitItem(_ index: Int, kvHead: Int) -> AttentionItem {
        item(kvHead, positions, splits, index..<index + 1)
    }

    private func item(
        _ kvHead: Int, _ positions: Range<Int>, _ splits: SplitList, _ indices: Range<Int>
    ) -> AttentionItem {
        let window = windowPages(for: positions)
        let first = pages(ofSplit: splits[indices.lowerBound]).lowerBound
        let last = pages(ofSplit: splits[indices.upperBound - 1]).upperBound
        let pageCount =
            min(last, window.upperBound) - max(first, window.lowerBound) + sinkPages(for: positions).count
        // Beside its multiplications a page costs its reading, about as much as two tokens.
        let cost = max(1, pageCount) * (positions.count + 2)
        return AttentionItem(
            kvHead: kvHead, positions: positions, splits: splits, splitIndices: indices, cost: cost)
    }
}

/// What one worker computes in one go: some queries of one kv head over some splits.
struct AttentionItem {
    let kvHead: Int
    let positions: Range<Int>
    let splits: SplitList
    /// Which of them.
    let splitIndices: Range<Int>
    /// Proportional to the time expected.
    let cost: Int
}

/// Splits in ascending order: those with sinks, and those with the window, which may lie far behind.
struct SplitList {
    private let sinkEnd: Int
    private let window: Range<Int>

    init() {
        self.init(sinkEnd: 0, window: 0..<0)
    }

    init(sinkEnd: Int, window: Range<Int>) {
        self.sinkEnd = min(sinkEnd, window.lowerBound)
        self.window = window
    }

    var count: Int { sinkEnd + window.count }

    subscript(index: Int) -> Int { index < sinkEnd ? index : window.lowerBound + index - sinkEnd }
}
