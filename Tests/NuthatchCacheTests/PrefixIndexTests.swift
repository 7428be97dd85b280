import NuthatchCache
import NuthatchTensors
import Testing

/// What a prefix index finds, keeps and gives up.
@Suite struct PrefixIndexTests {
    private let root = PrefixSample.root()
    private let tokens = PrefixSample.tokens(256)

    private func filled(
        _ needs: PrefixNeeds, payload: Int = 0
    ) -> (index: PrefixIndex<Int>, names: [PageName]) {
        var index = PrefixIndex<Int>()
        let names = index.insertPages(of: tokens, root: root, needs: needs, payload: payload).names
        return (index, names)
    }

    @Test(arguments: [1, 2, 3])
    func aHitEndsWhereTheTokensDo(pageCount: Int) throws {
        let needs = try #require(try PrefixSample.needs())
        let (index, names) = filled(needs)
        let end = pageCount * 64
        func find(_ count: Int) -> PrefixMatch {
            index.longestPrefix(of: Array(tokens[..<count]), root: root, needs: needs)
        }
        let before = find(end - 1)
        #expect(before.columns == Array(names[..<(pageCount - 1)]))
        #expect(before.part == PrefixMatch.Part(name: names[pageCount - 1], tokenCount: 63))
        #expect(before.tokenCount == end - 1)
        #expect(before.next == nil, "its last page isn't whole")
        let at = find(end)
        #expect(at.columns == Array(names[..<pageCount]))
        #expect(at.part == nil)
        #expect(at.tokenCount == end)
        let behind = find(end + 1)
        #expect(behind.columns == at.columns)
        #expect(behind.part == PrefixMatch.Part(name: names[pageCount], tokenCount: 1))
        #expect(behind.tokenCount == end + 1)
        #expect([before, at, behind].allSatisfy { $0.reason == .nothing })
    }

    @Test func aLimitLeavesTokensToCompute() throws {
        let needs = try #require(try PrefixSample.needs())
        let (index, names) = filled(needs)
        let match = index.longestPrefix(
            of: Array(tokens[..<128]), root: root, needs: needs, limit: 127)
        #expect(match.columns == [names[0]])
        #expect(match.part == PrefixMatch.Part(name: names[1], tokenCount: 63))
        #expect(match.askedTokenCount == 127 && match.tokenCount == 127)
        #expect(match.next == names[1])
        #expect(index.longestPrefix(of: tokens, root: root, needs: needs, limit: 0).tokenCount == 0)
    }

    @Test func ofSeveralChildrenTheOneThatSharesMostIsFound() throws {
        let needs = try #require(try PrefixSample.needs())
        var index = PrefixIndex<Int>()
        var names: [PageName] = []
        for shared in [10, 40, 25] {
            let other = Array(tokens[..<(64 + shared)]) + PrefixSample.tokens(64 - shared, seed: shared)
            names.append(index.insertPages(of: other, root: root, needs: needs).names[1])
        }
        let match = index.longestPrefix(of: tokens, root: root, needs: needs)
        #expect(match.part == PrefixMatch.Part(name: names[1], tokenCount: 40))
        #expect(match.tokenCount == 104)
        #expect(match.reason == .unknown)
        #expect(
            match.next == PageName.chain(behind: root, pages: 0..<2, pageLength: 64, tokens: tokens)[1])
    }

    @Test func onlyTheNewestChildrenAreCompared() throws {
        let needs = try #require(try PrefixSample.needs())
        var index = PrefixIndex<Int>()
        let limit = PrefixIndex<Int>.partSearchLimit
        index.insertPages(of: Array(tokens[..<63]) + [-1], root: root, needs: needs)
        for other in 1..<limit {
            index.insertPages(of: [TokenID(-other)] + tokens[..<63], root: root, needs: needs)
        }
        #expect(index.longestPrefix(of: tokens, root: root, needs: needs).tokenCount == 63)
        index.insertPages(of: [TokenID(-limit)] + tokens[..<63], root: root, needs: needs)
        #expect(index.longestPrefix(of: tokens, root: root, needs: needs).tokenCount == 0)
    }

    @Test func saltsNeverShare() throws {
        let needs = try #require(try PrefixSample.needs())
        var index = PrefixIndex<Int>()
        let salts = ["", "a", "b", "a\0", "\0"]
        for (number, salt) in salts.enumerated() {
            let root = PrefixSample.root(salt)
            let match = index.longestPrefix(of: tokens, root: root, needs: needs)
            #expect(match.tokenCount == 0 && match.part == nil && match.reason == .unknown)
            let inserted = index.insertPages(of: tokens, root: root, needs: needs).insertions
            #expect(inserted.allSatisfy { $0 == .inserted }, "nothing to merge with")
            #expect(index.usage.columnCount == 4 * (number + 1))
            #expect(index.longestPrefix(of: tokens, root: root, needs: needs).tokenCount == 256)
        }
    }

    @Test func differentImagesNeverShare() throws {
        let needs = try #require(try PrefixSample.needs())
        func images(_ digest: UInt8, start: Int = 70, rows: Int = 2) -> SequenceGrids {
            PrefixSample.images([PrefixSample.image(start, rows, 12 / rows, digest)])
        }
        var index = PrefixIndex<Int>()
        let text = Array(tokens[..<70]) + Array(repeating: TokenID(9), count: 186)
        index.insertPages(of: text, images: images(1), root: root, needs: needs)
        func sharedCount(_ images: SequenceGrids) -> Int {
            index.longestPrefix(of: text, images: images, root: root, needs: needs).tokenCount
        }
        #expect(sharedCount(images(1)) == 256)
        #expect(sharedCount(images(2)) == 70, "up to the image, whose tokens have the same ids")
        #expect(sharedCount(images(1, rows: 3)) == 70, "another shape")
        #expect(sharedCount(images(1, start: 72)) == 70, "another place")
        #expect(sharedCount(SequenceGrids()) == 70, "none")
        #expect(sharedCount(PrefixSample.images([PrefixSample.image(20, 1, 1, 1)])) == 20)
    }

    @Test func tokensDecideWhereANameWasForged() throws {
        let needs = try #require(try PrefixSample.needs())
        var (index, names) = filled(needs)
        // Another page under the name that the next page of a longer sequence will have.
        let longer = tokens + PrefixSample.tokens(64, seed: 1)
        let next = PageName.chain(behind: names[3], pages: 4..<5, pageLength: 64, tokens: longer)[0]
        let forged = PageContent(
            number: 4, pageLength: 64, tokens: tokens + PrefixSample.tokens(64, seed: 2))
        #expect(
            index.insert(forged, named: next, parent: names[3], payload: 66, byteCount: 1, kinds: needs.all)
                == .inserted)
        let match = index.longestPrefix(of: longer, root: root, needs: needs)
        #expect(match.columns == names)
        #expect(match.part == nil && match.tokenCount == 256 && match.reason == .mismatched)
        #expect(match.next == nil, "nobody can wait for a page whose name is taken")
        #expect(index.hold(match) == true)
        #expect(index.usage.mismatchCount == 1)
        #expect(index.usage.hitTokenCount == 256 && index.usage.missTokenCount == 64)
        let page = PageContent(number: 4, pageLength: 64, tokens: longer)
        #expect(
            index.insert(page, named: next, parent: names[3], payload: 4, byteCount: 1) == .mismatched)
        #expect(index.usage.mismatchCount == 2)
        #expect(index.payload(of: next) == 66, "and what is there stays")
        // The right tokens, but not behind this parent.
        let (first, second) = (PrefixSample.tokens(64, seed: 3), PrefixSample.tokens(64, seed: 4))
        let name = PageName.chain(behind: root, pages: 0..<1, pageLength: 64, tokens: first)[0]
        index.insertPages(of: second, root: root, needs: needs)
        let moved = PageContent(number: 1, pageLength: 64, tokens: second + first)
        let parent = PageName.chain(behind: root, pages: 0..<1, pageLength: 64, tokens: second)[0]
        _ = index.insert(moved, named: name, parent: parent, payload: 7, byteCount: 1, kinds: needs.all)
        #expect(index.longestPrefix(of: first, root: root, needs: needs).reason == .mismatched)
    }

    @Test func aPageThatWasComputedTwiceIsKeptOnce() throws {
        let needs = try #require(try PrefixSample.needs())
        var (index, names) = filled(needs)
        let usage = index.usage
        let again = index.insertPages(of: tokens, root: root, needs: needs, payload: 50)
        #expect(again.names == names)
        #expect(again.insertions == (0..<4).map { .merged($0, lacking: []) })
        #expect(index.usage.byteCount == usage.byteCount && index.usage.columnCount == 4)
        #expect(index.usage.mergeCount == 4)
        #expect(index.payload(of: names[2]) == 2)
    }

    @Test func aPageWhoseParentIsGoneIsNotAdded() throws {
        let needs = try #require(try PrefixSample.needs())
        var (index, names) = filled(needs)
        #expect(index.evict(byteCount: 300).map(\.name) == Array(names[1...].reversed()))
        let page = PageContent(number: 2, pageLength: 64, tokens: tokens)
        #expect(index.insert(page, named: names[2], parent: names[1], payload: 2, byteCount: 1) == .orphaned)
        #expect(index.insert(page, named: names[2], parent: names[0], payload: 2, byteCount: 1) == .orphaned)
        #expect(index.payload(of: names[2]) == nil && index.usage.columnCount == 1)
    }

    @Test func whoeverNeedsAPageLearnsWhoComputesIt() throws {
        let needs = try #require(try PrefixSample.needs())
        var (index, names) = filled(needs)
        let longer = tokens + PrefixSample.tokens(128, seed: 1)
        let next = try #require(index.longestPrefix(of: longer, root: root, needs: needs).next)
        let behind = PageName.chain(behind: next, pages: 5..<6, pageLength: 64, tokens: longer)[0]
        #expect(index.underWay.maker(of: next) == nil)
        #expect(index.underWay.announce(next, by: 1) == .made)
        #expect(index.underWay.announce(behind, by: 1) == .made)
        #expect(index.underWay.announce(next, by: 1) == .made)
        #expect(index.underWay.announce(next, by: 2) == .wait(maker: 1))
        #expect(index.underWay.maker(of: next) == 1)
        let page = PageContent(number: 4, pageLength: 64, tokens: longer)
        _ = index.insert(page, named: next, parent: names[3], payload: 4, byteCount: 1, kinds: needs.all)
        #expect(index.underWay.maker(of: next) == nil, "it is there now")
        #expect(index.underWay.maker(of: behind) == 1)
        #expect(index.underWay.abandoned(by: 1) == [behind])
        #expect(index.underWay.abandoned(by: 1) == [])
        #expect(index.underWay.announce(behind, by: 2) == .made)
        #expect(index.underWay.arrived(behind) == true)
        #expect(index.underWay.arrived(behind) == false)
        #expect(index.underWay.count == 0)
    }
}
