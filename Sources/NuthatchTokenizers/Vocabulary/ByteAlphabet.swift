/// GPT-2's spelling of bytes as visible characters, in which byte-level vocabularies are written.
///
/// The 188 printable Latin-1 bytes stand for themselves; the other 68, in order, are U+0100 and up (so a space is
/// "Ġ", U+0120). Source: Radford et al. 2019, `encoder.py` of the GPT-2 release.
struct ByteAlphabet: Sendable, Equatable {
    /// The scalar that spells each byte, all below U+0144.
    private let scalars: [UInt16]
    /// The byte of each scalar below U+0144, or -1.
    private let bytes: [Int16]

    init() {
        var scalars = [UInt16](repeating: 0, count: 256)
        var bytes = [Int16](repeating: -1, count: 256 + 68)
        var next: UInt16 = 256
        for byte in 0..<256 {
            let isPrintable = (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || byte >= 0xae
            let scalar = isPrintable ? UInt16(byte) : next
            if !isPrintable { next += 1 }
            scalars[byte] = scalar
            bytes[Int(scalar)] = Int16(byte)
        }
        self.scalars = scalars
        self.bytes = bytes
    }

    /// Appends the spelling of a byte: one or two UTF-8 bytes.
    @inline(__always)
    func spell(_ byte: UInt8, into text: inout [UInt8]) {
        let scalar = scalars[Int(byte)]
        if scalar < 0x80 {
            text.append(UInt8(truncatingIfNeeded: scalar))
        } else {
            text.append(0xc0 | UInt8(truncatingIfNeeded: scalar >> 6))
            text.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3f))
        }
    }

    func spelling(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes { spell(byte, into: &text) }
        return text
    }

    /// Appends the bytes a piece spells; false, and nothing appended, where it holds a character outside the alphabet.
    func bytes(spelledBy piece: ArraySlice<UInt8>, into result: inout [UInt8]) -> Bool {
        let start = result.count
        let span = piece.span
        var index = 0
        while index < span.count {
            let (scalar, byteCount) = span.scalar(at: index, before: span.count)
            guard scalar < 256 + 68, bytes[Int(scalar)] >= 0 else {
                result.removeSubrange(start...)
                return false
            }
            result.append(UInt8(truncatingIfNeeded: bytes[Int(scalar)]))
            index += byteCount
        }
        return true
    }
}
