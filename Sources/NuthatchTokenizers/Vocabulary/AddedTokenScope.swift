import NuthatchTensors

/// Which added tokens are looked for in a text, and where.
enum AddedTokenScope {
    /// All of them, everywhere: a text whose author may write markup.
    case everywhere
    /// All but special ones: a text of a stranger's.
    case plainText
    /// Markup where it lies within ranges of the text (ascending, apart), every other added token everywhere.
    case markup(Set<TokenID>, within: [Range<Int>])

    /// Whether a token may be found at a place.
    func allows(_ token: AddedToken, at place: Range<Int>) -> Bool {
        switch self {
        case .everywhere: true
        case .plainText: !token.isSpecial
        case .markup(let markup, let ranges): !markup.contains(token.id) || Self.holds(ranges, place)
        }
    }

    /// Whether what lies behind the beginning of a refused match is looked at. `tokenizers` passes a special token in plain
    /// text over whole; a template's own markup that begins inside a refused match has to be found.
    var looksInsideRefusals: Bool {
        if case .markup = self { true } else { false }
    }

    private static func holds(_ ranges: [Range<Int>], _ place: Range<Int>) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < place.upperBound { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= place.lowerBound
    }
}

extension AddedTokenScope {
    /// The scope of a part of the text, by offsets in it.
    func moved(to part: Range<Int>) -> AddedTokenScope {
        guard case .markup(let markup, let ranges) = self else { return self }
        var moved: [Range<Int>] = []
        for range in ranges where range.overlaps(part) {
            let kept = range.clamped(to: part)
            moved.append((kept.lowerBound - part.lowerBound)..<(kept.upperBound - part.lowerBound))
        }
        return .markup(markup, within: moved)
    }
}
