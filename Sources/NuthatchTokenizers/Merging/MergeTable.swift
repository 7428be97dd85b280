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
        starts = [UInt32](repeating: 0, count: idCount + 1)
        entries = []
        entries.reserveCapacity(rules.count)
        let ordered = rules.sorted { ($0.left, $0.right, $0.rank) < ($1.left, $1.right, $1.rank) }
        var last: (UInt32, UInt32)?
        for rule in ordered where last.map({ $0 != (rule.left, rule.right) }) ?? true {
            entries.append(Entry(right: rule.right, rank: rule.rank, result: rule.result))
            starts[Int(rule.left) + 1] += 1
            last = (rule.left, rule.right)
        }
        for id in 0..<idCount { starts[id + 1] += starts[id] }
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
