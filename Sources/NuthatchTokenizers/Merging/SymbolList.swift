import NuthatchTensors

/// The symbols of one word while they are merged: a doubly linked list in an array.
///
/// Invariant: symbols in list order tile the word; a merged-away symbol has `byteCount` 0 and is in no list. The
/// buffers are kept from word to word.
struct SymbolList {
    struct Symbol {
        var start: Int32
        var byteCount: Int32
        /// -1 for text that is no piece.
        var id: TokenID
        /// -1 at the ends.
        var previous: Int32
        var next: Int32
    }

    private(set) var symbols: [Symbol] = []
    private var queue = MergeQueue()

    mutating func removeAll() {
        symbols.removeAll(keepingCapacity: true)
        queue.removeAll()
    }

    mutating func append(start: Int, byteCount: Int, id: TokenID) {
        let index = Int32(truncatingIfNeeded: symbols.count)
        if index > 0 { symbols[symbols.count - 1].next = index }
        symbols.append(
            Symbol(
                start: Int32(truncatingIfNeeded: start), byteCount: Int32(truncatingIfNeeded: byteCount),
                id: id,
                previous: index - 1, next: -1))
    }

    /// Makes the best merge until there is none. `merge` gives rank and result of two neighbours, if they merge.
    @inline(__always)
    mutating func mergeAll(_ merge: (Symbol, Symbol) -> (rank: UInt32, result: TokenID)?) {
        guard symbols.count > 1 else { return }
        for index in 0..<symbols.count - 1 { propose(index, merge) }
        while let best = queue.pop() {
            let left = best.left
            let right = Int(symbols[left].next)
            guard symbols[left].byteCount > 0, right >= 0,
                symbols[left].byteCount + symbols[right].byteCount == best.byteCount
            else { continue }
            symbols[left].byteCount = best.byteCount
            symbols[left].id = best.result
            symbols[left].next = symbols[right].next
            symbols[right].byteCount = 0
            if symbols[left].next >= 0 {
                symbols[Int(symbols[left].next)].previous = Int32(truncatingIfNeeded: left)
                propose(left, merge)
            }
            if symbols[left].previous >= 0 { propose(Int(symbols[left].previous), merge) }
        }
    }

    @inline(__always)
    private mutating func propose(_ left: Int, _ merge: (Symbol, Symbol) -> (rank: UInt32, result: TokenID)?)
    {
        let right = symbols[Int(symbols[left].next)]
        guard let (rank, result) = merge(symbols[left], right) else { return }
        queue.push(
            MergeQueue.Entry(
                key: UInt64(rank) << 32 | UInt64(left), result: result,
                byteCount: symbols[left].byteCount + right.byteCount))
    }

    /// Calls `body` with what is left, in order.
    @inline(__always)
    func forEach(_ body: (Symbol) -> Void) {
        for symbol in symbols where symbol.byteCount > 0 { body(symbol) }
    }
}
