/// Finds a byte string in another in linear time (Knuth, Morris, Pratt 1977), whatever a template searches for.
struct ByteSearch {
    private let pattern: [UInt8]
    /// For each length of a matched start of the pattern, the next shorter start that also ends there.
    private let fallback: [Int]

    init(_ pattern: [UInt8]) {
        self.pattern = pattern
        var fallback = [0]
        var length = 0
        for index in pattern.indices.dropFirst() {
            while length > 0, pattern[index] != pattern[length] { length = fallback[length - 1] }
            if pattern[index] == pattern[length] { length += 1 }
            fallback.append(length)
        }
        self.fallback = fallback
    }

    /// The offset of the first match at or behind `start`; `start` itself for an empty pattern.
    func firstOffset(in bytes: [UInt8], from start: Int) -> Int? {
        guard !pattern.isEmpty else { return start <= bytes.count ? start : nil }
        guard start < bytes.count else { return nil }
        var length = 0
        for index in start..<bytes.count {
            while length > 0, bytes[index] != pattern[length] { length = fallback[length - 1] }
            if bytes[index] == pattern[length] { length += 1 }
            if length == pattern.count { return index + 1 - length }
        }
        return nil
    }
}
