import NuthatchTensors

/// The most probable token, as measurements take it.
enum GreedyToken {
    /// The first of the largest of the first row of logits.
    static func top(_ logits: Rows) -> TokenID {
        top(UnsafeBufferPointer(start: logits[0], count: logits.columnCount))
    }

    /// The first of the largest.
    static func top(_ logits: some RandomAccessCollection<Float>) -> TokenID {
        var top: (index: Int, value: Float) = (0, -.infinity)
        for (index, logit) in logits.enumerated() where logit > top.value { top = (index, logit) }
        return TokenID(top.index)
    }
}
