import NuthatchCache
import Testing

@Suite struct SequenceLimitTests {
    @Test("As many tokens as the context and the cache hold may be computed, and not one more")
    func passes() {
        let limit = SequenceLimit(contextLength: 10, capacity: 12)
        #expect(limit.excess(of: 10) == nil && limit.excess(of: 3, behind: 7) == nil)
        #expect(limit.excess(of: 11) == .context(length: 10, asked: 11))
        #expect(limit.excess(of: 4, behind: 7) == .context(length: 10, asked: 11))
        let endless = SequenceLimit(contextLength: nil, capacity: 12)
        #expect(endless.excess(of: 12) == nil)
        #expect(endless.excess(of: 13) == .capacity(12, asked: 13))
        #expect(endless.excess(of: .max, behind: 1) == .capacity(12, asked: .max))
    }

    @Test("An answer's last token counts for the context, and takes no room in the cache")
    func answers() {
        let limit = SequenceLimit(contextLength: 10, capacity: 12)
        #expect(limit.excess(ofAnswerBehind: 9) == nil)
        #expect(limit.excess(ofAnswerBehind: 10) == .context(length: 10, asked: 11))
        #expect(limit.excess(ofAnswerBehind: .max) == .context(length: 10, asked: .max))
        let small = SequenceLimit(contextLength: 10, capacity: 5)
        #expect(small.excess(ofAnswerBehind: 5) == nil)
        #expect(small.excess(ofAnswerBehind: 6) == .capacity(5, asked: 6))
    }

    @Test("A reservation is the room, and growth on demand has as much as any cache")
    func capacity() {
        #expect(Growth.reserved(tokenCount: 77).capacity == 77)
        #expect(Growth.dynamic.capacity == CacheLimits.tokenCount)
    }
}
