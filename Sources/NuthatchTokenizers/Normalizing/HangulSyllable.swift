/// Arithmetic of precomposed Hangul syllables (The Unicode Standard, section 3.12).
struct HangulSyllable {
    private static let syllables: ClosedRange<UInt32> = 0xac00...0xd7a3
    private static let leading: ClosedRange<UInt32> = 0x1100...0x1112
    private static let vowels: ClosedRange<UInt32> = 0x1161...0x1175
    /// The first is "no trailing consonant".
    private static let trailing: ClosedRange<UInt32> = 0x11a7...0x11c2
    private static let vowelCount: UInt32 = 21
    private static let trailingCount: UInt32 = 28

    private let offset: UInt32

    init?(_ scalar: UInt32) {
        guard Self.syllables.contains(scalar) else { return nil }
        offset = scalar - Self.syllables.lowerBound
    }

    /// Leading consonant, vowel and, where there is one, trailing consonant.
    var parts: [UInt32] {
        let lead = Self.leading.lowerBound + offset / (Self.vowelCount * Self.trailingCount)
        let vowel = Self.vowels.lowerBound + offset / Self.trailingCount % Self.vowelCount
        let trail = offset % Self.trailingCount
        return trail == 0 ? [lead, vowel] : [lead, vowel, Self.trailing.lowerBound + trail]
    }

    static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if leading.contains(first), vowels.contains(second) {
            let lead = first - leading.lowerBound
            let vowel = second - vowels.lowerBound
            return syllables.lowerBound + (lead * vowelCount + vowel) * trailingCount
        }
        if let syllable = HangulSyllable(first), syllable.offset % trailingCount == 0,
            trailing.contains(second), second > trailing.lowerBound
        {
            return first + second - trailing.lowerBound
        }
        return nil
    }
}
