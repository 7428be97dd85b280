extension PrefixIndex {
    /// Holds what was found, for a sequence that goes on from there, and counts its hits and misses.
    ///
    /// Whoever holds a column keeps it and all before it from being given up, until `release`. Of the column whose
    /// beginning is shared nothing is held: it is copied at once.
    ///
    /// - Returns: false, and nothing held or counted, where a column of it has been given up since.
    package mutating func hold(_ match: PrefixMatch) -> Bool {
        let found = [match.columns.last, match.part?.name].compactMap { $0 }
        guard found.allSatisfy({ places[$0] != nil }) else { return false }
        time += 1
        if let last = match.columns.last, let place = places[last] { changeHolders(of: place, by: 1) }
        if let part = match.part, let place = places[part.name] { touch(place) }
        usage.hitTokenCount += match.tokenCount
        usage.missTokenCount += match.askedTokenCount - match.tokenCount
        if match.isMismatched { usage.mismatchCount += 1 }
        return true
    }

    /// Holds a column and all before it once more.
    ///
    /// - Returns: false, and nothing held, where there is no such column.
    package mutating func hold(_ name: PageName) -> Bool {
        guard let place = places[name], !nodes[place].isRoot else { return false }
        time += 1
        changeHolders(of: place, by: 1)
        return true
    }

    /// Moves a hold from a column to one of its children, as a sequence grows by a page.
    ///
    /// - Returns: false, and nothing changed, where there is no such column, or nobody holds its parent.
    package mutating func extendHold(to name: PageName) -> Bool {
        guard let place = places[name], !nodes[place].isRoot else { return false }
        let parent = nodes[place].parent
        guard nodes[parent].isRoot || nodes[parent].holderCount > nodes[place].holderCount else {
            return false
        }
        time += 1
        changeHolderCount(of: place, by: 1)
        return true
    }

    /// Gives back a hold on a column and all before it.
    package mutating func release(_ name: PageName) {
        let held = places[name].flatMap { nodes[$0].holderCount > 0 ? $0 : nil }
        precondition(held != nil, "a column is released as often as it is held")
        guard let held else { return }
        time += 1
        changeHolders(of: held, by: -1)
    }

    private mutating func changeHolders(of place: Int, by change: Int) {
        var place = place
        while !nodes[place].isRoot {
            changeHolderCount(of: place, by: change)
            place = nodes[place].parent
        }
    }

    private mutating func changeHolderCount(of place: Int, by change: Int) {
        let wasHeld = nodes[place].holderCount > 0
        nodes[place].holderCount += change
        nodes[place].lastUse = time
        let isHeld = nodes[place].holderCount > 0
        guard wasHeld != isHeld else { return }
        usage.heldByteCount += isHeld ? nodes[place].byteCount : -nodes[place].byteCount
        guard nodes[place].isLeaf else { return }
        if isHeld { leaves.remove(place) } else { leaves.insert(place, lastUse: time) }
    }

    /// Marks a column and all before it as used now.
    mutating func touch(_ place: Int) {
        var place = place
        while !nodes[place].isRoot {
            nodes[place].lastUse = time
            if leaves.contains(place) {
                leaves.remove(place)
                leaves.insert(place, lastUse: time)
            }
            place = nodes[place].parent
        }
    }
}
