/// Nodes that may be given up, the least recently used first: a binary heap that knows each node's place in it, so that
/// a node can be taken out from the middle.
///
/// Invariants: no entry was used before its parent entry (that at half its index); `places[node]` is where a node's
/// entry is, or `absent`. Every operation but `first` takes O(log n). The order is total: no two nodes in it have one
/// time of use (see `PrefixIndex`).
struct LeafQueue: Sendable {
    private struct Entry {
        var node: Int
        var lastUse: Int
    }

    private static let absent = -1

    private var entries: [Entry] = []
    private var places: [Int] = []

    var count: Int { entries.count }

    func contains(_ node: Int) -> Bool { node < places.count && places[node] != Self.absent }

    mutating func insert(_ node: Int, lastUse: Int) {
        if node >= places.count {
            places.append(contentsOf: repeatElement(Self.absent, count: node + 1 - places.count))
        }
        entries.append(Entry(node: node, lastUse: lastUse))
        places[node] = entries.count - 1
        moveUp(entries.count - 1)
    }

    /// Takes a node out, wherever it is; nothing happens to one that isn't there.
    mutating func remove(_ node: Int) {
        guard contains(node) else { return }
        let place = places[node]
        swap(place, entries.count - 1)
        entries.removeLast()
        places[node] = Self.absent
        guard place < entries.count else { return }
        moveDown(place)
        moveUp(place)
    }

    /// The node that was used longest ago, taken out.
    mutating func popFirst() -> Int? {
        guard let node = entries.first?.node else { return nil }
        remove(node)
        return node
    }

    private mutating func moveUp(_ start: Int) {
        var place = start
        while place > 0, entries[place].lastUse < entries[(place - 1) / 2].lastUse {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func moveDown(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < entries.count && entries[child].lastUse < entries[least].lastUse {
                least = child
            }
            guard least != place else { return }
            swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ first: Int, _ second: Int) {
        entries.swapAt(first, second)
        places[entries[first].node] = first
        places[entries[second].node] = second
    }
}
