/// What becomes of the matches of a splitting pattern; names and rules are those of `tokenizers`.
enum SplitBehavior: String, Sendable, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    /// Appends the words that `matches`, in order within `word`, cut it into. `isInverted` swaps matches and gaps.
    func cut(
        _ word: Range<Int>, at matches: [Range<Int>], isInverted: Bool, into words: inout [Range<Int>]
    ) {
        var parts: [(range: Range<Int>, isMatch: Bool)] = []
        parts.reserveCapacity(matches.count * 2 + 1)
        var index = word.lowerBound
        for match in matches {
            if index < match.lowerBound { parts.append((index..<match.lowerBound, isInverted)) }
            parts.append((match, !isInverted))
            index = match.upperBound
        }
        if index < word.upperBound { parts.append((index..<word.upperBound, isInverted)) }

        let firstOwn = words.count
        switch self {
        case .isolated:
            for part in parts { words.append(part.range) }
        case .removed:
            for part in parts where !part.isMatch { words.append(part.range) }
        case .contiguous:
            join(parts, into: &words) { previous, next in previous == next }
        case .mergedWithPrevious:
            join(parts, into: &words) { previous, next in next && !previous }
        case .mergedWithNext:
            // The mirror image: the same rule read from the end.
            join(parts.reversed(), into: &words) { following, part in part && !following }
            words[firstOwn...].reverse()
        }
    }

    private func join(
        _ parts: [(range: Range<Int>, isMatch: Bool)], into words: inout [Range<Int>],
        where joins: (Bool, Bool) -> Bool
    ) {
        var previous: Bool?
        for part in parts {
            if let kind = previous, let last = words.last, joins(kind, part.isMatch) {
                words[words.count - 1] =
                    min(last.lowerBound, part.range.lowerBound)..<max(last.upperBound, part.range.upperBound)
            } else {
                words.append(part.range)
            }
            previous = part.isMatch
        }
    }
}
