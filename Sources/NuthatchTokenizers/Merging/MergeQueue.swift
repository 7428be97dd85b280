/// Merges that could be made, the best first: a binary heap.
///
/// Origin: sentencepiece's bpe_model.cc (agenda of symbol pairs), which makes a word of n symbols cost
/// O(n log n). Invariant: no entry is better than its parent.
struct MergeQueue {
    struct Entry {
        /// The rank above, the left symbol below: less is better, and of equal ranks the leftmost.
        let key: UInt64
        let result: Int32
        /// Bytes of both symbols when the entry was made. Symbols only grow, so another sum means it is stale.
        let byteCount: Int32

        var left: Int { Int(truncatingIfNeeded: key & 0xffff_ffff) }
    }

    private var entries: [Entry] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    mutating func push(_ entry: Entry) {
        var child = entries.count
        entries.append(entry)
        while child > 0 {
            let parent = (child - 1) / 2
            if entries[parent].key <= entry.key { break }
            entries[child] = entries[parent]
            child = parent
        }
        entries[child] = entry
    }

    mutating func pop() -> Entry? {
        guard let last = entries.popLast() else { return nil }
        guard let best = entries.first else { return last }
        var parent = 0
        while true {
            var child = 2 * parent + 1
            if child >= entries.count { break }
            if child + 1 < entries.count, entries[child + 1].key < entries[child].key { child += 1 }
            if last.key <= entries[child].key { break }
            entries[parent] = entries[child]
            parent = child
        }
        entries[parent] = last
        return best
    }
}
