import NuthatchCache
import NuthatchTensors
import Testing

/// Where a prefix can end whose columns lack pages that windows dropped.
@Suite struct PrefixNeedsTests {
    private let root = PrefixSample.root(pageLength: 16)
    /// Ten pages of 16 tokens and 8 tokens more.
    private let tokens = PrefixSample.tokens(168)

    /// How many tokens are found where the columns lack `kind` in `pages`.
    private func match(
        _ needs: PrefixNeeds, without kind: PageKinds, in pages: Set<Int>, of count: Int = 168
    ) -> PrefixMatch {
        var index = PrefixIndex<Int>()
        index.insertPages(
            of: tokens, root: root, needs: needs,
            kinds: (0..<10).map { pages.contains($0) ? needs.all.subtracting(kind) : needs.all })
        return index.longestPrefix(of: Array(tokens[..<count]), root: root, needs: needs)
    }

    private func needs(_ retention: Retention, guaranteedRewind: Int = 0) throws -> (PrefixNeeds, PageKinds) {
        let needs = try #require(
            try PrefixSample.needs([.full, retention], pageLength: 16, guaranteedRewind: guaranteedRewind))
        return (needs, needs.kind(retention, .open))
    }

    @Test func aLayerOfFullHistoryNeedsEveryPage() throws {
        let (needs, _) = try needs(.window(length: 20))
        let match = self.match(needs, without: needs.kind(.full, .open), in: [4])
        #expect(match.tokenCount == 64 && match.columns.count == 4)
        #expect(match.unusableTokenCount == 96 && match.reason == .incomplete(tokenCount: 96))
        #expect(match.next == PageName.chain(behind: root, pages: 0..<5, pageLength: 16, tokens: tokens)[4])
    }

    @Test func aWindowNeedsItsLastPositionsAlone() throws {
        // At 160 the window of 20 begins at 141, in page 8.
        let (needs, window) = try needs(.window(length: 20))
        #expect(self.match(needs, without: window, in: Set(0..<8)).tokenCount == 160)
        let match = self.match(needs, without: window, in: Set(0..<9))
        #expect(match.tokenCount == 0 && match.reason == .incomplete(tokenCount: 160))
        // Pages 3 and 4 were kept, at a junction: at 80 the window begins at 61.
        let junction = self.match(needs, without: window, in: [0, 1, 2, 5, 6, 7, 8])
        #expect(junction.tokenCount == 80 && junction.unusableTokenCount == 80)
    }

    @Test func aWindowOfOneTokenNeedsNoPage() throws {
        let (needs, window) = try needs(.window(length: 1))
        #expect(match(needs, without: window, in: Set(0..<10)).columns.count == 10)
    }

    @Test func aGuaranteedRewindNeedsWhatItGoesBackTo() throws {
        // At 160 the window begins at 141; 5 tokens further back at 136, 13 at 128, 14 at 127, which is in page 7.
        for (rewind, first) in [(5, 8), (13, 8), (14, 7)] {
            let (needs, window) = try needs(.window(length: 20), guaranteedRewind: rewind)
            #expect(match(needs, without: window, in: Set(0..<first)).tokenCount == 160, "\(rewind)")
            #expect(match(needs, without: window, in: Set(0...first)).tokenCount == 0, "\(rewind)")
        }
    }

    @Test func sinksNeedTheFirstPagesToo() throws {
        let (needs, sinks) = try needs(.sinks(count: 17, window: 20, positions: .inCache))
        #expect(match(needs, without: sinks, in: Set(2..<8)).tokenCount == 160)
        #expect(match(needs, without: sinks, in: Set(1..<8)).tokenCount == 16)
        #expect(match(needs, without: sinks, in: Set(3..<9)).tokenCount == 48)
    }

    @Test func aPartEndsInAColumnThatHasEverything() throws {
        let (needs, window) = try needs(.window(length: 20))
        // At 150 the window begins at 131, in page 8.
        #expect(self.match(needs, without: window, in: Set(0..<7), of: 150).part?.tokenCount == 6)
        let match = self.match(needs, without: window, in: [9], of: 150)
        #expect(match.tokenCount == 144 && match.part == nil)
    }

    @Test func compressiveMemoryIsNeededWhereItStands() throws {
        let retention = Retention.compressive(segmentLength: 48, rule: .delta)
        let (needs, _) = try needs(retention)
        let memory = needs.kind(retention, .memory)
        // The state behind page 5 alone; what there is of the segment under way is there throughout.
        let match = self.match(needs, without: memory, in: [0, 1, 2, 3, 4, 6, 7, 8, 9])
        #expect(match.tokenCount == 96 && match.part == nil, "no state behind the middle of a page")
    }

    @Test func codedPagesAreNeededInTheFormThatIsRead() throws {
        let codes = Storage.quantized(try Quantization(bitCount: 4, axis: .token, groupLength: 32))
        let configuration = try CacheConfiguration(
            keyStorage: codes, valueStorage: codes, residualLength: 32, pageLength: 16)
        let needs = try #require(PrefixNeeds(configuration, retentions: [.full]))
        let open = needs.kind(.full, .open)
        let coded = needs.kind(.full, .coded)
        #expect(needs.kinds.count == 2 && open.union(coded) == needs.all)
        // The two pages before the query's own are read open.
        #expect(self.match(needs, without: open, in: Set(0..<8)).tokenCount == 160)
        #expect(self.match(needs, without: open, in: Set(0..<9)).tokenCount == 0)
        #expect(self.match(needs, without: coded, in: [8, 9]).tokenCount == 160)
        // Up to the last token of page 9 the coded pages read are 0 to 6; a page that goes on being written to is open.
        let match = self.match(needs, without: coded, in: [7, 8, 9])
        #expect(match.tokenCount == 159 && match.columns.count == 9)
        #expect(self.match(needs, without: coded, in: [8, 9], of: 150).part?.tokenCount == 6)
        #expect(self.match(needs, without: open, in: [9], of: 150).part == nil)
    }

    @Test func moreKindsThanCanBeToldApartShareNothing() throws {
        let windows = (1...64).map { Retention.window(length: $0) }
        #expect(try PrefixSample.needs(windows)?.kinds.count == 64)
        #expect(try PrefixSample.needs(windows)?.all == PageKinds(rawValue: .max))
        #expect(try PrefixSample.needs(windows + [.full]) == nil)
        #expect(try PrefixSample.needs(windows + windows)?.kinds.count == 64, "layers alike count once")
    }
}
