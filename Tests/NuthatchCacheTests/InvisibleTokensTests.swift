import NuthatchCache
import Testing

/// What a query can't see takes no part in its output, whatever it holds: NaN and infinities are planted
/// there.
@Suite struct InvisibleTokensTests {
    static let retentions: [Retention] = [.full, .window(length: 5), .window(length: 70)]
    let driver = Driver(Shape(queryHeadCount: 9, kvHeadCount: 3, retentions: retentions), workerCount: 2)

    @Test(arguments: [1, 3, 17, 63, 64, 65, 130])
    func laterTokensOfTheSamePassDoNotLeak(cleanCount: Int) throws {
        let clean = Token.sequence(cleanCount)
        let expected = try driver.pass([(try cache(), clean)])[0]
        let poisoned = try driver.pass([(try cache(), clean + Token.poison(100))])[0]
        let width = driver.shape.queryHeadCount * driver.shape.valueDimension
        for layer in Self.retentions.indices {
            let ours = poisoned.dropFirst(layer * (cleanCount + 100) * width).prefix(cleanCount * width)
            let theirs = expected.dropFirst(layer * cleanCount * width).prefix(cleanCount * width)
            #expect(Array(ours).bits == Array(theirs).bits)
        }
    }

    @Test func tokensThatLeftTheWindowDoNotLeak() throws {
        let driver = Driver(Shape(retentions: [.window(length: 5), .window(length: 70)]))
        let tokens = Token.poison(30) + Token.sequence(300)
        for chunk in [1, 40, 330] {
            let cache = try SequenceCache(CacheConfiguration(), layers: driver.shape.layers, pool: PagePool())
            let outputs = try driver.feed(tokens, to: cache, chunk: chunk)
            let width = driver.shape.queryHeadCount * driver.shape.valueDimension
            for (layer, window) in [5, 70].enumerated() {
                let rows = outputs[(layer * 330 + 30 + window - 1) * width..<(layer + 1) * 330 * width]
                #expect(rows.allSatisfy { $0.isFinite }, "window \(window), chunks of \(chunk)")
                let last = outputs[
                    (layer * 330 + 30 + window - 2) * width..<(layer * 330 + 29 + window) * width]
                #expect(last.contains { $0.isNaN }, "the token before still sees the poison")
            }
        }
    }

    @Test(arguments: [.dynamic, .reserved(tokenCount: 400)] as [Growth])
    func forgottenTokensDoNotLeak(growth: Growth) throws {
        let configuration = try CacheConfiguration(growth: growth)
        let pool = PagePool()
        let expected = try driver.feed(Token.sequence(200), to: try cache(), chunk: 200)
        let cache = try cache(configuration, pool: pool)
        _ = try driver.feed(Token.poison(300), to: cache, chunk: 100)
        #expect(cache.truncate(to: 0) != .recompute(from: 1))
        #expect(try driver.feed(Token.sequence(200), to: cache, chunk: 30).bits == expected.bits)
    }

    @Test func pagesOfFormerSequencesDoNotLeak() throws {
        let pool = PagePool()
        var former: SequenceCache? = try cache(pool: pool)
        if let former { _ = try driver.feed(Token.poison(300), to: former, chunk: 100) }
        former = nil
        #expect(pool.usage.idle > 0)
        let expected = try driver.feed(Token.sequence(200), to: try cache(), chunk: 200)
        #expect(try driver.feed(Token.sequence(200), to: cache(pool: pool), chunk: 30).bits == expected.bits)
    }

    @Test func anAbandonedPassDoesNotLeak() throws {
        let cache = try cache()
        _ = try driver.pass([(cache, Token.sequence(70))])
        try driver.abandon([(cache, Token.poison(100))])
        let other = try self.cache()
        _ = try driver.pass([(other, Token.sequence(70))])
        let next = Token.sequence(20, seed: 3)
        #expect(try driver.pass([(cache, next)])[0].bits == driver.pass([(other, next)])[0].bits)
        #expect(cache.byteCount == other.byteCount)
    }

    @Test func aVisibleNaNIsNotHidden() throws {
        let tokens = Token.sequence(20) + [Token(seed: 1, constant: .nan)] + Token.sequence(20, seed: 2)
        let outputs = try driver.pass([(try cache(), tokens)])[0]
        let width = driver.shape.queryHeadCount * driver.shape.valueDimension
        #expect(outputs[20 * width..<41 * width].allSatisfy { $0.isNaN })
        #expect(outputs[..<(20 * width)].allSatisfy { $0.isFinite })
    }

    private func cache(
        _ configuration: CacheConfiguration? = nil, pool: PagePool = PagePool()
    ) throws -> SequenceCache {
        try SequenceCache(configuration ?? CacheConfiguration(), layers: driver.shape.layers, pool: pool)
    }
}
