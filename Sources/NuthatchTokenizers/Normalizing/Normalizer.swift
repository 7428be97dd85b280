/// The steps that respell a text before it is split.
enum Normalizer: Sendable, Equatable {
    case unicode(UnicodeNormalizer)
    case lowercase
    case stripAccents
    case strip(left: Bool, right: Bool)
    case characterMap(CharacterMap)
    /// SentencePiece's cleaning for translation: control characters go, what is spaced like a space becomes one.
    case nmt
    /// Spaces at the ends go, and of several in a row all but one.
    case joinSpaces
    /// Puts a text before any that is not empty.
    case prepend([UInt8])
    case replace(SplitPattern, with: [UInt8])

    func apply(to bytes: [UInt8]) throws(TokenizerError) -> [UInt8] {
        if bytes.isEmpty { return bytes }
        switch self {
        case .unicode(let normalizer): return normalizer.normalize(bytes)
        case .lowercase: return Self.lowercased(bytes)
        case .stripAccents:
            return Self.filter(bytes) { facts in facts.category.isDisjoint(with: .mark) }
        case .strip(let left, let right): return Self.strip(bytes, left: left, right: right)
        case .characterMap(let map): return try map.apply(to: bytes)
        case .nmt: return Self.cleaned(bytes)
        case .joinSpaces: return Self.joiningSpaces(bytes)
        case .prepend(let prefix): return prefix + bytes
        case .replace(let pattern, let replacement):
            var matches: [Range<Int>] = []
            try pattern.appendMatches(in: bytes.span, 0..<bytes.count, to: &matches)
            return Self.replace(matches, of: bytes, with: replacement)
        }
    }

    private static func replace(_ matches: [Range<Int>], of bytes: [UInt8], with replacement: [UInt8])
        -> [UInt8]
    {
        if matches.isEmpty { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + matches.count * replacement.count)
        var index = 0
        for match in matches {
            result.append(contentsOf: bytes[index..<match.lowerBound])
            result.append(contentsOf: replacement)
            index = match.upperBound
        }
        result.append(contentsOf: bytes[index...])
        return result
    }

    /// Scalar by scalar, without context: a final sigma stays σ, as in `tokenizers`.
    private static func lowercased(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        forEachScalar(of: bytes) { value, raw in
            if value < 0x80 {
                result.append(
                    (0x41...0x5a).contains(value) ? raw[raw.startIndex] | 0x20 : raw[raw.startIndex])
            } else if raw.count > 1, let scalar = Unicode.Scalar(value) {
                result.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
            } else {
                result.append(contentsOf: raw)
            }
        }
        return result
    }

    private static func cleaned(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        forEachScalar(of: bytes) { value, raw in
            switch value {
            case 0x01...0x08, 0x0b, 0x0e...0x1f, 0x7f, 0x8f, 0x9f: break
            case 0x09, 0x0a, 0x0c, 0x0d, 0x1680, 0x200b...0x200f, 0x2028, 0x2029, 0x2581, 0xfeff:
                result.append(UInt8(ascii: " "))
            // Not the bytes that are no UTF-8.
            case 0xfffd where raw.count > 1: result.append(UInt8(ascii: " "))
            default: result.append(contentsOf: raw)
            }
        }
        return result
    }

    private static func joiningSpaces(_ bytes: [UInt8]) -> [UInt8] {
        let space = UInt8(ascii: " ")
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes where byte != space || result.last ?? space != space { result.append(byte) }
        if result.last == space { result.removeLast() }
        return result
    }

    private static func filter(_ bytes: [UInt8], where keeps: (ScalarFacts) -> Bool) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        forEachScalar(of: bytes) { value, raw in
            if keeps(ScalarFacts(value)) { result.append(contentsOf: raw) }
        }
        return result
    }

    private static func strip(_ bytes: [UInt8], left: Bool, right: Bool) -> [UInt8] {
        var kept = 0..<bytes.count
        var firstKept: Int?
        var index = 0
        forEachScalar(of: bytes) { value, raw in
            if !ScalarFacts(value).isWhitespace {
                if firstKept == nil { firstKept = index }
                kept = kept.lowerBound..<(index + raw.count)
            }
            index += raw.count
        }
        guard let firstKept else { return left || right ? [] : bytes }
        return Array(bytes[(left ? firstKept : 0)..<(right ? kept.upperBound : bytes.count)])
    }

    private static func forEachScalar(of bytes: [UInt8], _ body: (UInt32, ArraySlice<UInt8>) -> Void) {
        var index = 0
        while index < bytes.count {
            let scalar = bytes.span.scalar(at: index, before: bytes.count)
            body(scalar.value, bytes[index..<index + scalar.byteCount])
            index += scalar.byteCount
        }
    }
}

extension Normalizer {
    /// Where ranges of a text lie once it is normalised.
    ///
    /// - Parameters:
    ///   - ranges: ascending, apart.
    ///   - normalized: what `apply` made of `bytes`.
    func moved(
        _ ranges: [Range<Int>], from bytes: [UInt8], to normalized: [UInt8]
    ) throws(TokenizerError) -> [Range<Int>] {
        if ranges == [0..<bytes.count] { return normalized.isEmpty ? [] : [0..<normalized.count] }
        if ranges.isEmpty || normalized.isEmpty { return [] }
        if case .prepend(let prefix) = self {
            // The prefix belongs to what it is put before.
            return ranges.map { range in
                (range.lowerBound == 0 ? 0 : range.lowerBound + prefix.count)..<(range.upperBound
                    + prefix.count)
            }
        }
        // What each stretch comes to by itself tells where its end lies, unless neighbours were joined across a bound.
        var moved: [Range<Int>] = []
        var joined: [UInt8] = []
        var start = 0
        for range in ranges {
            joined += try apply(to: Array(bytes[start..<range.lowerBound]))
            let first = joined.count
            joined += try apply(to: Array(bytes[range]))
            if first < joined.count { moved.append(first..<joined.count) }
            start = range.upperBound
        }
        joined += try apply(to: Array(bytes[start...]))
        if joined == normalized { return moved }
        // Then it lies behind what all before it comes to; a range ends before what it shares. So many ranges that this
        // would take a second (2^30 bytes normalised) find none: markup is missed, never made of content.
        moved = []
        guard ranges.count < (1 << 29) / bytes.count else { return [] }
        for range in ranges {
            let first = try apply(to: Array(bytes[..<range.lowerBound])).count
            let last = try apply(to: Array(bytes[..<range.upperBound]))
            let end = zip(last, normalized).prefix { $0 == $1 }.count
            if first < min(end, last.count) { moved.append(first..<min(end, last.count)) }
        }
        return moved
    }
}
