/// From a pair of 32-bit numbers to a pair of 32-bit numbers: the edges of a trie, and compositions.
///
/// Open addressing with linear probing, at most half full: 16 bytes a slot, one cache line a lookup.
struct PairTable: Sendable {
    private struct Slot {
        var key: UInt64
        var value: UInt64
    }
    /// No id reaches 2^32 - 1, so no key is all ones.
    private static let empty = UInt64.max

    private var slots: [Slot]
    private(set) var count = 0
    private let hash = FlatHash()

    init(minimumCapacity: Int = 0) {
        var capacity = 16
        while capacity < minimumCapacity * 2 { capacity *= 2 }
        slots = [Slot](repeating: Slot(key: Self.empty, value: 0), count: capacity)
    }

    @inline(__always)
    private static func packed(_ high: UInt32, _ low: UInt32) -> UInt64 { UInt64(high) << 32 | UInt64(low) }

    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = hash(key) & mask
        while slots[slot].key != key && slots[slot].key != Self.empty { slot = (slot + 1) & mask }
        return slot
    }

    @inline(__always)
    subscript(first: UInt32, second: UInt32) -> (UInt32, UInt32)? {
        let found = slots[slot(of: Self.packed(first, second))]
        if found.key == Self.empty { return nil }
        return (UInt32(truncatingIfNeeded: found.value >> 32), UInt32(truncatingIfNeeded: found.value))
    }

    /// Stores a value; an earlier one under the same key is replaced.
    mutating func set(_ first: UInt32, _ second: UInt32, to value: (UInt32, UInt32)) {
        if (count + 1) * 2 > slots.count { grow() }
        let key = Self.packed(first, second)
        let slot = slot(of: key)
        if slots[slot].key == Self.empty { count += 1 }
        slots[slot] = Slot(key: key, value: Self.packed(value.0, value.1))
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(key: Self.empty, value: 0), count: old.count * 2)
        for entry in old where entry.key != Self.empty { slots[slot(of: entry.key)] = entry }
    }
}
