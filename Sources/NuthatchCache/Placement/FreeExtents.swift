/// The parts of a file that nobody uses, as arithmetic.
///
/// Invariants: extents are in the order of their offsets, hold at least one byte each, and never touch: what
/// is given back grows together with its neighbours, so pages of any size find room that pages of other
/// sizes left. Taking is first fit, which keeps the used part of the file short; with pages of one size, the
/// first extent always fits. Giving back finds its place by bisection. Both move the extents behind by one
/// at worst: some thousands of words in a cache of many forks.
package struct FreeExtents: Equatable, Sendable {
    package private(set) var extents: [Range<Int>] = []

    package init() {}

    package var byteCount: Int { extents.reduce(0) { $0 + $1.count } }

    /// The offset of `byteCount` bytes that are now in use; nil where no extent is as long.
    package mutating func take(_ byteCount: Int) -> Int? {
        guard let index = extents.firstIndex(where: { $0.count >= byteCount }) else { return nil }
        let extent = extents[index]
        if extent.count == byteCount {
            extents.remove(at: index)
        } else {
            extents[index] = extent.lowerBound + byteCount..<extent.upperBound
        }
        return extent.lowerBound
    }

    /// Takes back what was in use until now.
    package mutating func give(_ extent: Range<Int>) {
        guard !extent.isEmpty else { return }
        var next = firstIndex(from: extent.lowerBound)
        var merged = extent
        if next < extents.count, extents[next].lowerBound == merged.upperBound {
            merged = merged.lowerBound..<extents.remove(at: next).upperBound
        }
        if next > 0, extents[next - 1].upperBound == merged.lowerBound {
            next -= 1
            merged = extents.remove(at: next).lowerBound..<merged.upperBound
        }
        extents.insert(merged, at: next)
    }

    /// The first extent at `offset` or behind it.
    private func firstIndex(from offset: Int) -> Int {
        var lower = 0
        var upper = extents.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if extents[middle].lowerBound < offset { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}
