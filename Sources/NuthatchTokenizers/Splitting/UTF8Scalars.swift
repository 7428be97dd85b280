/// Reading scalars from bytes that need not be valid UTF-8.
///
/// A byte that starts no valid sequence (Unicode 16, table 3-7: no overlong forms, no surrogates, nothing over
/// U+10FFFF) reads as U+FFFD of one byte; the real U+FFFD has three, so the two can be told apart.
extension Span where Element == UInt8 {
    static var replacement: UInt32 { 0xfffd }

    @inline(__always)
    func scalar(at index: Int, before end: Int) -> (value: UInt32, byteCount: Int) {
        let first = self[index]
        if first < 0x80 { return (UInt32(first), 1) }
        return multibyteScalar(first, at: index, before: end)
    }

    private func multibyteScalar(
        _ first: UInt8, at index: Int, before end: Int
    ) -> (value: UInt32, byteCount: Int) {
        let length: Int
        var value: UInt32
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch first {
        case 0xc2...0xdf: (length, value) = (2, UInt32(first & 0x1f))
        case 0xe0...0xef:
            (length, value) = (3, UInt32(first & 0x0f))
            if first == 0xe0 { second = 0xa0...0xbf }
            if first == 0xed { second = 0x80...0x9f }
        case 0xf0...0xf4:
            (length, value) = (4, UInt32(first & 0x07))
            if first == 0xf0 { second = 0x90...0xbf }
            if first == 0xf4 { second = 0x80...0x8f }
        default: return (Self.replacement, 1)
        }
        guard end - index >= length, second.contains(self[index + 1]) else { return (Self.replacement, 1) }
        value = value << 6 | UInt32(self[index + 1] & 0x3f)
        for offset in 2..<max(2, length) {
            guard self[index + offset] & 0xc0 == 0x80 else { return (Self.replacement, 1) }
            value = value << 6 | UInt32(self[index + offset] & 0x3f)
        }
        return (value, length)
    }

    /// The scalar that ends at `end`, or nil at the start.
    func lastScalar(before end: Int, notBefore start: Int) -> (value: UInt32, byteCount: Int)? {
        if end <= start { return nil }
        if self[end - 1] < 0x80 { return (UInt32(self[end - 1]), 1) }
        // From two on: every byte of a longer sequence reads, by itself, as one that starts none.
        for byteCount in 2...4 where end - byteCount >= start {
            let found = scalar(at: end - byteCount, before: end)
            if found.byteCount == byteCount { return found }
        }
        return (Self.replacement, 1)
    }
}

extension [UInt8] {
    /// Appends the UTF-8 of a scalar value (never a surrogate).
    mutating func append(scalar: UInt32) {
        guard let valid = Unicode.Scalar(scalar) else { return }
        append(contentsOf: UTF8.encode(valid) ?? UTF8.encodedReplacementCharacter)
    }
}
