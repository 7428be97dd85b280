/// Runs a program over a text: all threads advance together, one scalar at a time.
///
/// Each scalar costs at most one step per instruction, whatever the pattern, so one search is linear in what it
/// reads. Finding all matches is linear too where a search does not read far beyond its match, as published
/// patterns do not; `steps` bounds the rest.
struct PatternSearch {
    private struct Thread {
        let instruction: Int
        let start: Int
    }

    private static let lineFeed: UInt32 = 0x0a

    private let program: PatternProgram
    private var current: [Thread] = []
    private var following: [Thread] = []
    /// The generation in which an instruction was last added to a list: a list holds each once.
    private var marks: [Int]
    private var generation = 0
    private var pending: [Int] = []
    private var steps = 0

    init(_ program: PatternProgram) {
        self.program = program
        marks = [Int](repeating: -1, count: program.instructions.count)
    }

    /// Appends the non-empty matches in `range`, which counts as a text of its own, from left to right.
    mutating func appendMatches(
        in bytes: Span<UInt8>, _ range: Range<Int>, to matches: inout [Range<Int>]
    ) throws(TokenizerError) {
        let limit = TokenizerLimit.patternPassCount
        // One pass takes up to two steps an instruction and scalar: one to reach it and one to run it. No overflow:
        // 2^24 bytes, 2^12 instructions, 2^5.
        let budget = (range.count + 64) * program.instructions.count * 2 * limit.maximum
        steps = 0
        var index = range.lowerBound
        while index < range.upperBound, let match = firstMatch(in: bytes, range, from: index) {
            if steps > budget { throw .patternTooCostly(pattern: program.source, limit: limit) }
            if match.isEmpty {
                index = match.upperBound
                if index < range.upperBound {
                    index += bytes.scalar(at: index, before: range.upperBound).byteCount
                }
            } else {
                matches.append(match)
                index = match.upperBound
            }
        }
    }

    private mutating func firstMatch(
        in bytes: Span<UInt8>, _ range: Range<Int>, from start: Int
    ) -> Range<Int>? {
        var best: Range<Int>?
        var index = start
        var next = facts(in: bytes, at: index, range)
        current.removeAll(keepingCapacity: true)
        generation += 1
        while true {
            // A later start has lower priority than every thread there is.
            if best == nil {
                follow(
                    0, start: index, at: index, next.facts, range,
                    isAfterLineFeed: index > range.lowerBound && UInt32(bytes[index - 1]) == Self.lineFeed,
                    isFollowing: false)
            }
            if current.isEmpty { break }
            let here = next
            let after = index + here.byteCount
            if here.facts != nil { next = facts(in: bytes, at: after, range) }
            generation += 1
            following.removeAll(keepingCapacity: true)
            for thread in current {
                steps += 1
                switch program.instructions[thread.instruction] {
                case .match:
                    best = thread.start..<index
                case .one(let scalarClass):
                    guard let facts = here.facts, scalarClass.contains(facts) else { continue }
                    follow(
                        thread.instruction + 1, start: thread.start, at: after, next.facts, range,
                        isAfterLineFeed: facts.value == Self.lineFeed, isFollowing: true)
                    continue
                case .jump, .split, .assertion:
                    continue
                }
                // Threads behind a match are less preferred than it.
                break
            }
            swap(&current, &following)
            if here.facts == nil { break }
            index = after
        }
        return best
    }

    private func facts(
        in bytes: Span<UInt8>, at index: Int, _ range: Range<Int>
    ) -> (facts: ScalarFacts?, byteCount: Int) {
        if index >= range.upperBound { return (nil, 0) }
        let scalar = bytes.scalar(at: index, before: range.upperBound)
        return (ScalarFacts(scalar.value), scalar.byteCount)
    }

    /// Adds what an instruction leads to without reading, in order of preference.
    private mutating func follow(
        _ instruction: Int, start: Int, at index: Int, _ next: ScalarFacts?, _ range: Range<Int>,
        isAfterLineFeed: Bool, isFollowing: Bool
    ) {
        pending.append(instruction)
        while let instruction = pending.popLast() {
            if marks[instruction] == generation { continue }
            marks[instruction] = generation
            steps += 1
            switch program.instructions[instruction] {
            case .jump(let target): pending.append(target)
            case .split(let preferred, let other):
                pending.append(other)
                pending.append(preferred)
            case .assertion(let assertion):
                let holds =
                    switch assertion {
                    case .start: index == range.lowerBound || isAfterLineFeed && next != nil
                    case .end: next == nil || next?.value == Self.lineFeed
                    case .next(let scalarClass): next.map(scalarClass.contains) ?? false
                    case .notNext(let scalarClass): !(next.map(scalarClass.contains) ?? false)
                    }
                if holds { pending.append(instruction + 1) }
            case .one, .match:
                let thread = Thread(instruction: instruction, start: start)
                if isFollowing { following.append(thread) } else { current.append(thread) }
            }
        }
    }
}
