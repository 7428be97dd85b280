/// A sequence's number in its scheduler, never given twice: who came earlier has the smaller one.
package struct SequenceID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let number: Int

    package var description: String { "#\(number)" }

    package static func < (left: SequenceID, right: SequenceID) -> Bool { left.number < right.number }
}

/// A page that is being computed, as those who wait for it name it. Two pages of one key cost time only: who is woken for
/// nothing looks for its page again.
package struct PageKey: Sendable, Hashable {
    package let value: UInt64

    package init(_ value: UInt64) {
        self.value = value
    }
}
