/// One sequence's attention in one layer, cut into work.
///
/// Positions are cut twice, always at the same places, so that no output's bits depend on who computes it:
///
///     queries     blocks of `blockLength` tokens, whose rows (token x head of a group) read a page as one
///     keys        splits of `splitLength` positions: one softmax state each, merged in order
///
/// With many queries an item of work is (kv head, block) and walks all splits, merging as it goes. With one
/// block or less there would be too few of those, so an item is (kv head, split), and the states are merged
/// afterwards. The states and the order of merging are the same.
struct AttentionRun {
    /// Where the run stands among the batch's runs.
    let index: Int
    /// The positions of its tokens.
    let positions: Range<Int>
    let retention: Retention
    let pageLength: Int
    let kvHeadCount: Int

    /// Widening a page of 64 + 64 dimensions to floats takes 512 vectors some 1,000 cycles. 32 tokens of a
    /// group of 3 heads are 96 rows, which multiply it in 96 x 512 operations at two a cycle: 25,000. Longer
    /// blocks would save 2 % more, and leave short prompts with too few blocks to share between workers.
    /// Blocks don't cross pages, so that all rows of a block may see an earlier page in the same form.
    var blockLength: Int { pageLength % 32 == 0 ? 32 : 16 }

    /// Pages per split: 256 positions. Per row a split costs its state's making and merging, some 60 vector
    /// operations, against 256 / 16 x (64 + 64) = 2,048 for its slots: 3 %. A longer split would save half of
    /// that, and leave one item per kv head, and so idle workers, up to 512 tokens instead of 256.
    var splitPageCount: Int { max(1, 256 / pageLength) }

    /// The pages that any query of `positions` sees.
    func visiblePages(from positions: Range<Int>) -> Range<Int> {
        let first = retention.firstVisible(from: positions.lowerBound) / pageLength
        return first..<(positions.upperBound - 1) / pageLength + 1
    }

    func splits(for positions: Range<Int>) -> Range<Int> {
        let pages = visiblePages(from: positions)
        return pages.lowerBound / splitPageCount..<(pages.upperBound - 1) / splitPageCount + 1
    }

    /// The part of a split that queries of `positions` see.
    func pages(ofSplit split: Int, for positions: Range<Int>) -> Range<Int> {
        (split * splitPageCount..<(split + 1) * splitPageCount).clamped(to: visiblePages(from: positions))
    }

    /// All splits of the run; empty if it has no tokens.
    var splits: Range<Int> { positions.isEmpty ? 0..<0 : splits(for: positions) }

    /// Whether its splits are separate items whose states are merged after a barrier.
    var isSplitwise: Bool { positions.count <= blockLength && splits.count > 1 }

    /// States that wait to be merged: one per query row and split.
    func splitStateCount(queryHeadCount: Int) -> Int {
        isSplitwise ? splits.count * positions.count * queryHeadCount : 0
    }

    /// Calls `body` with every item, in an order that is the same on every worker.
    func forEachItem(_ body: (AttentionItem) -> Void) {
        guard !positions.isEmpty else { return }
        for kvHead in 0..<kvHeadCount {
            if isSplitwise {
                for split in splits {
                    body(item(kvHead, positions: positions, splits: split..<split + 1))
                }
            } else {
                var start = positions.lowerBound
                while start < positions.upperBound {
                    let end = min((start / blockLength + 1) * blockLength, positions.upperBound)
                    body(item(kvHead, positions: start..<end, splits: splits(for: start..<end)))
                    start = end
                }
            }
        }
    }

    private func item(_ kvHead: Int, positions: Range<Int>, splits: Range<Int>) -> AttentionItem {
        let pages =
            pages(ofSplit: splits.lowerBound, for: positions)
            .lowerBound..<pages(ofSplit: splits.upperBound - 1, for: positions).upperBound
        // Beside its multiplications a page costs its reading, about as much as two tokens.
        let cost = pages.count * (positions.count + 2)
        return AttentionItem(kvHead: kvHead, positions: positions, splits: splits, cost: cost)
    }
}

/// What one worker computes in one go: some queries of one kv head's group over some splits.
struct AttentionItem {
    let kvHead: Int
    let positions: Range<Int>
    let splits: Range<Int>
    /// Proportional to the time expected.
    let cost: Int
}
