/// A column that was given up.
package struct PrefixEviction<Payload> {
    package let name: PageName
    package let byteCount: Int
    package let payload: Payload

    package init(name: PageName, byteCount: Int, payload: Payload) {
        self.name = name
        self.byteCount = byteCount
        self.payload = payload
    }
}

extension PrefixEviction: Equatable where Payload: Equatable {}
extension PrefixEviction: Sendable where Payload: Sendable {}

extension PrefixIndex {
    /// Gives columns up until they come to `byteCount` bytes, or no more may be: leaves first, the least recently used
    /// first, and none that is held. `usage.cachedByteCount` is the most that can be had.
    package mutating func evict(byteCount: Int) -> [PrefixEviction<Payload>] {
        var evicted: [PrefixEviction<Payload>] = []
        var freed = 0
        while freed < byteCount, let place = leaves.popFirst() {
            let node = nodes[place]
            remove(place)
            guard let payload = node.payload else { continue }
            freed += node.byteCount
            usage.byteCount -= node.byteCount
            usage.columnCount -= 1
            usage.evictionCount += 1
            evicted.append(PrefixEviction(name: node.name, byteCount: node.byteCount, payload: payload))
        }
        return evicted
    }

    /// Takes out a column and all that stands on it, or all of a root's: the last pages first.
    ///
    /// Nobody holds any of it: whoever did has released it. It doesn't count as given up for want of memory.
    package mutating func drop(_ name: PageName) -> [PrefixEviction<Payload>] {
        guard let place = places[name] else { return [] }
        var below = [place]
        var next = 0
        while next < below.count {
            var child = nodes[below[next]].firstChild
            while child != Node.none {
                below.append(child)
                child = nodes[child].nextSibling
            }
            next += 1
        }
        precondition(below.allSatisfy { nodes[$0].holderCount == 0 }, "what is dropped is held by nobody")
        var dropped: [PrefixEviction<Payload>] = []
        // A root goes with its last column.
        for place in below.reversed() where !nodes[place].isRoot && nodes[place].payload != nil {
            let node = nodes[place]
            leaves.remove(place)
            remove(place)
            guard let payload = node.payload else { continue }
            usage.byteCount -= node.byteCount
            usage.columnCount -= 1
            dropped.append(PrefixEviction(name: node.name, byteCount: node.byteCount, payload: payload))
        }
        return dropped
    }

    /// Takes out a leaf, and with the last one its root.
    private mutating func remove(_ place: Int) {
        let node = nodes[place]
        places[node.name] = nil
        // What it held must not live on in a place that waits for another.
        nodes[place] = Node(name: node.name, number: -1)
        freePlaces.append(place)
        guard !node.isRoot else { return }
        if node.nextSibling != Node.none { nodes[node.nextSibling].previousSibling = node.previousSibling }
        if node.previousSibling != Node.none {
            nodes[node.previousSibling].nextSibling = node.nextSibling
            return
        }
        nodes[node.parent].firstChild = node.nextSibling
        guard nodes[node.parent].isLeaf else { return }
        if nodes[node.parent].isRoot {
            remove(node.parent)
        } else if nodes[node.parent].holderCount == 0 {
            leaves.insert(node.parent, lastUse: nodes[node.parent].lastUse)
        }
    }
}
