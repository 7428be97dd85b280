import NuthatchCache
import NuthatchTensors
import Testing

/// What a prefix index gives up, and in which order.
@Suite struct PrefixEvictionTests {
    private let root = PrefixSample.root()
    private let shared = PrefixSample.tokens(64)

    private func sequence(_ seed: Int) -> [TokenID] { shared + PrefixSample.tokens(64, seed: seed) }

    @Test func theLeafUsedLongestAgoGoesFirstAndParentsBehindTheirChildren() throws {
        let needs = try #require(try PrefixSample.needs())
        var index = PrefixIndex<Int>()
        let names = (1...3).map {
            index.insertPages(of: sequence($0), root: root, needs: needs, payload: $0 * 10).names
        }
        let match = index.longestPrefix(of: sequence(1), root: root, needs: needs)
        #expect(index.hold(match) == true)
        index.release(try #require(match.columns.last))
        #expect(index.evict(byteCount: 0).isEmpty)
        #expect(index.evict(byteCount: 1).map(\.payload) == [21])
        #expect(index.evict(byteCount: 101).map(\.payload) == [31, 11])
        #expect(index.usage.columnCount == 1 && index.usage.evictionCount == 3)
        let last = index.evict(byteCount: .max)
        #expect(last == [PrefixEviction(name: names[0][0], byteCount: 100, payload: 10)])
        #expect(index.usage.byteCount == 0 && index.usage.columnCount == 0)
        #expect(index.longestPrefix(of: shared, root: root, needs: needs).reason == .unknown)
        #expect(
            index.insertPages(of: sequence(1), root: root, needs: needs).insertions == [.inserted, .inserted])
    }

    @Test func theBeginningOfAPageIsUsedToo() throws {
        let needs = try #require(try PrefixSample.needs())
        var index = PrefixIndex<Int>()
        index.insertPages(of: sequence(1), root: root, needs: needs, payload: 10)
        index.insertPages(of: sequence(2), root: root, needs: needs, payload: 20)
        let match = index.longestPrefix(of: Array(sequence(1)[..<90]), root: root, needs: needs)
        #expect(match.part?.tokenCount == 26)
        #expect(index.hold(match) == true)
        #expect(index.evict(byteCount: 1).map(\.payload) == [21])
    }

    @Test func whatIsHeldStaysWithAllBeforeIt() throws {
        let needs = try #require(try PrefixSample.needs())
        var index = PrefixIndex<Int>()
        let names = (1...2).map { index.insertPages(of: sequence($0), root: root, needs: needs).names }
        #expect(index.hold(names[0][1]) == true)
        #expect(index.hold(names[0][1]) == true)
        #expect(index.usage.heldByteCount == 200 && index.usage.cachedByteCount == 100)
        #expect(index.evict(byteCount: .max).map(\.name) == [names[1][1]])
        index.release(names[0][1])
        #expect(index.evict(byteCount: .max).isEmpty, "another holds it still")
        index.release(names[0][1])
        #expect(index.usage.heldByteCount == 0)
        #expect(index.evict(byteCount: .max).map(\.name) == [names[0][1], names[0][0]])
    }

    @Test func aHoldGrowsWithItsSequence() throws {
        let needs = try #require(try PrefixSample.needs())
        var index = PrefixIndex<Int>()
        let tokens = PrefixSample.tokens(192)
        let names = index.insertPages(of: tokens, root: root, needs: needs).names
        #expect(index.extendHold(to: names[1]) == false, "nobody holds its parent")
        #expect(index.extendHold(to: names[0]) == true)
        #expect(index.extendHold(to: names[1]) == true)
        #expect(index.extendHold(to: names[1]) == false, "the one hold on its parent is there already")
        #expect(index.usage.heldByteCount == 200)
        #expect(index.evict(byteCount: .max).map(\.name) == [names[2]])
        index.release(names[1])
        #expect(index.usage.heldByteCount == 0)
        #expect(index.evict(byteCount: .max).count == 2)
        #expect(index.hold(names[0]) == false)
        #expect(index.extendHold(to: names[0]) == false)
    }

    @Test func aMatchThatWasGivenUpSinceHoldsNothing() throws {
        let needs = try #require(try PrefixSample.needs())
        var index = PrefixIndex<Int>()
        index.insertPages(of: sequence(1), root: root, needs: needs)
        let whole = index.longestPrefix(of: sequence(1), root: root, needs: needs)
        let part = index.longestPrefix(of: Array(sequence(1)[..<90]), root: root, needs: needs)
        #expect(index.evict(byteCount: 1).count == 1)
        let usage = index.usage
        #expect(index.hold(whole) == false)
        #expect(index.hold(part) == false)
        #expect(index.usage == usage)
        #expect(index.evict(byteCount: .max).count == 1, "and holds no parents either")
    }

    @Test func aColumnCanBecomeSmallerAndLarger() throws {
        let needs = try #require(try PrefixSample.needs([.full, .window(length: 64)]))
        var index = PrefixIndex<Int>()
        let names = index.insertPages(of: sequence(1), root: root, needs: needs).names
        #expect(index.hold(names[0]) == true)
        let full = needs.kind(.full, .open)
        #expect(index.replace(names[0], by: 77, byteCount: 60, kinds: full) == 0)
        #expect(index.usage.byteCount == 160 && index.usage.heldByteCount == 60)
        let again = index.insertPages(of: sequence(1), root: root, needs: needs, payload: 5).insertions
        #expect(again[0] == .merged(77, lacking: needs.kind(.window(length: 64), .open)))
        #expect(index.replace(names[0], by: 78, byteCount: 90, kinds: needs.all) == 77)
        #expect(index.usage.byteCount == 190 && index.usage.heldByteCount == 90)
        #expect(index.replace(root, by: 1, byteCount: 1) == nil)
        index.release(names[0])
        #expect(index.evict(byteCount: .max).map(\.byteCount) == [100, 90])
    }

    /// Each operation takes microseconds; anything in proportion to the number of columns would take minutes.
    @Test func aHundredThousandColumnsAreGivenUpInTheOrderOfTheirUse() throws {
        let needs = try #require(try PrefixSample.needs(pageLength: 16))
        var index = PrefixIndex<Int>()
        let count = 100_000
        var parent = root
        // Chains of 100, each page 0 with tokens of its own.
        for number in 0..<count {
            let place = number % 100
            var bytes = [UInt8](repeating: 7, count: PageName.byteCount)
            for byte in 0..<3 { bytes[byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
            let name = PageName(bytes: bytes)
            let result = index.insert(
                PageContent(
                    number: place, pageLength: 16,
                    tokens: Array(repeating: TokenID(number), count: 16 * (place + 1))),
                named: name, parent: place == 0 ? root : parent, payload: number, byteCount: 1,
                kinds: needs.all)
            if result != .inserted { Issue.record("\(number): \(result)") }
            parent = name
        }
        var evicted: [Int] = []
        while case let next = index.evict(byteCount: 1_000), !next.isEmpty { evicted += next.map(\.payload) }
        let chains = (0..<count / 100).flatMap { chain in (0..<100).map { chain * 100 + 99 - $0 } }
        // Compared as a whole: a list of differences would take longer than all of it.
        let isInOrder = evicted == chains
        #expect(isInOrder)
        #expect(index.usage.byteCount == 0)
    }

    @Test func aDroppedColumnTakesAlongWhatStandsOnIt() throws {
        let needs = try #require(try PrefixSample.needs())
        let root = PrefixSample.root()
        var index = PrefixIndex<Int>()
        let tokens = PrefixSample.tokens(256)
        let names = index.insertPages(of: tokens, root: root, needs: needs).names
        index.insertPages(
            of: Array(tokens[..<128]) + PrefixSample.tokens(128, seed: 1), root: root, needs: needs,
            payload: 10)
        #expect(index.usage.columnCount == 6)
        #expect(Set(index.drop(names[2]).map(\.payload)) == [2, 3])
        #expect(index.usage.columnCount == 4 && index.usage.cachedByteCount == 400)
        #expect(index.longestPrefix(of: tokens, root: root, needs: needs).columns == Array(names[..<2]))
        #expect(index.drop(names[2]).isEmpty)
        #expect(index.drop(root).map(\.payload).last == 0)
        #expect(index.usage.columnCount == 0 && index.usage.byteCount == 0)
        #expect(index.evict(byteCount: 1).isEmpty && index.drop(root).isEmpty)
        index.insertPages(of: tokens, root: root, needs: needs)
        #expect(index.evict(byteCount: 400).map(\.payload) == [3, 2, 1, 0])
    }
}
