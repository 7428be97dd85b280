/// Merge rules: from two ids that stand side by side to a rank and the id of what they become.
///
/// The rules of one left id lie side by side, ordered by the right one: 12 bytes a rule and 4 an id, less than half of
/// what a hash table half full takes, so that the rules of a large vocabulary stay in the second-level cache.
struct MergeTable: Sendable {
    struct Rule {
        let left: UInt32
        let right: UInt32
        let rank: UInt32
        let result: UInt32
    }

    private struct Entry {
        var right: UInt32
        var rank: UInt32
        var result: UInt32
    }

    /// Where each left id's entries start, and where the last one's end.
    private var starts: [UInt32]
    private var entries: [Entry]
    /// So few are looked through one by one.
    private static let shortCount = 8

    /// - Parameters:
    ///   - rules: in the order of their ranks; of equal ones the first counts.
    ///   - idCount: no id reaches it.
    init(_ rules: [Rule], idCount: Int) {
        var next = [UInt32](repeating: 0, count: idCount + 1)
        for rule in rules { next[Int(rule.left) + 1] += 1 }
        for id in 0..<idCount { next[id + 1] += next[id] }
        starts = next
        entries = [Entry](repeating: Entry(right: 0, rank: 0, result: 0), count: rules.count)
        for rule in rules {
            entries[Int(next[Int(rule.left)])] = Entry(
                right: rule.right, rank: rule.rank, result: rule.result)
            next[Int(rule.left)] += 1
        }
        var count = 0
        for id in 0..<idCount {
            let own = Int(starts[id])..<Int(starts[id + 1])
            entries.withUnsafeMutableBufferPointer { entries in
                var own = UnsafeMutableBufferPointer(rebasing: entries[own])
                own.sort { ($0.right, $0.rank) < ($1.right, $1.rank) }
            }
            starts[id] = UInt32(count)
            for index in own where index == own.lowerBound || entries[index].right != entries[count - 1].right
            {
                entries[count] = entries[index]
                count += 1
            }
        }
        starts[idCount] = UInt32(count)
        entries.removeSubrange(count...)
    }

    var count: Int { entries.count }

    @inline(__always)
    subscript(left: UInt32, right: UInt32) -> (rank: UInt32, result: UInt32)? {
        // A symbol that is no piece has no rules.
        guard left < starts.count - 1 else { return nil }
        var lower = Int(starts[Int(left)])
        var upper = Int(starts[Int(left) + 1])
        while upper - lower > Self.shortCount {
            let middle = (lower + upper) / 2
            if entries[middle].right <= right { lower = middle } else { upper = middle }
        }
        for index in lower..<upper where entries[index].right == right {
            return (entries[index].rank, entries[index].result)
        }
        return nil
    }

    func forEach(_ body: (Rule) -> Void) {
        for left in 0..<starts.count - 1 {
            for entry in entries[Int(starts[left])..<Int(starts[left + 1])] {
                body(
                    Rule(left: UInt32(left), right: entry.right, rank: entry.rank, result: entry.result))
            }
        }
    }
}
