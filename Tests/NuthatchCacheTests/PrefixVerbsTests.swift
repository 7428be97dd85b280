import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Random begin, append, truncate, fork, abandon, leave, end of a turn and drop on several sequences that begin alike, under
/// two salts and within a budget, against naive twins. Keys and values say which token, position and place they belong to,
/// so a page that is shared wrongly, given up too early or written by a relative shows.
@Suite struct PrefixVerbsTests {
    @Test(arguments: 0..<4)
    func cachesAreTheirTwins(part: Int) throws {
        try play(part, Self.windows)
    }

    @Test(arguments: 0..<2)
    func sinksAreTheirTwins(part: Int) throws {
        try play(
            part,
            Shape(
                queryHeadCount: 4, kvHeadCount: 2, keyDimension: 6, valueDimension: 2,
                retentions: [
                    .full, .sinks(count: 3, window: 20, positions: .inCache),
                    .sinks(count: 18, window: 5, positions: .inCache), .window(length: 5),
                ], isRotary: true))
    }

    @Test(arguments: 0..<2)
    func compressiveMemoriesAreTheirTwins(part: Int) throws {
        try play(
            part,
            Shape(
                queryHeadCount: 4, kvHeadCount: 2, keyDimension: 5, valueDimension: 3,
                retentions: [
                    .full, .compressive(segmentLength: 24, rule: .linear),
                    .compressive(segmentLength: 48, rule: .delta), .window(length: 30),
                ], parameters: AttentionParameters(scale: 0.25, memoryGates: [-1, 0, 0.5, 2]),
                isRotary: true))
    }

    private static let windows = Shape(
        queryHeadCount: 4, kvHeadCount: 2, keyDimension: 3, valueDimension: 2,
        retentions: [.full, .window(length: 1), .window(length: 5), .window(length: 40)])

    private struct Pair {
        let cache: SequenceCache
        var twin: NaiveTwin
        /// What the sequence is to become.
        let wanted: [Token]
    }

    /// Six seeds: every growth in memory and on disk, with a budget and without.
    private func play(_ part: Int, _ shape: Shape) throws {
        let sharedCount = try (6 * part..<6 * part + 6).reduce(0) { try $0 + play(seed: $1, shape) }
        #expect(sharedCount > 0)
    }

    /// - Returns: how many tokens were shared.
    private func play(seed: Int, _ shape: Shape) throws -> Int {
        let folder = try TemporaryDirectory()
        var generator = SeededGenerator(state: UInt64(seed) &* 86_028_121)
        let growth: Growth = seed % 3 == 2 ? .reserved(tokenCount: 150) : .dynamic
        let isCompressive = shape.retentions.contains { if case .compressive = $0 { true } else { false } }
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32,
            placement: seed % 6 > 2 ? .disk(directory: folder.path) : .memory, growth: growth,
            pageLength: 16, chunkLength: 37, guaranteedRewind: seed % 5 == 0 && !isCompressive ? 9 : 0)
        let budget = seed % 2 == 1 ? 150_000 : nil
        let pool = PagePool(byteBudget: growth == .dynamic ? budget : budget.map { 6 * $0 })
        let store = PrefixStore(pool: pool)
        let roots = [PrefixSample.root("a", pageLength: 16), PrefixSample.root("b", pageLength: 16)]
        let driver = Driver(shape)
        var pairs: [Pair] = []
        var sharedCount = 0
        for step in 0..<90 {
            if pairs.isEmpty || pairs.count < 4 && Int.random(in: 0..<6, using: &generator) == 0 {
                guard let cache = try? SequenceCache(configuration, layers: shape.layers, pool: pool) else {
                    if !pairs.isEmpty { store.leave(pairs.removeFirst().cache) }
                    continue
                }
                let wanted = Self.path(&generator)
                var pair = Pair(
                    cache: cache, twin: NaiveTwin(shape, configuration: configuration), wanted: wanted)
                let match = try? store.attach(
                    cache, to: SequenceContent(Array(wanted.ids)), root: roots[step % 2],
                    limit: Int.random(in: 0...wanted.count, using: &generator))
                if let match, match.tokenCount > 0 { pair.twin.append(Array(wanted[..<match.tokenCount])) }
                sharedCount += match?.tokenCount ?? 0
                pairs.append(pair)
                try expectEqual(pair, shape, step)
            }
            let chosen = Int.random(in: pairs.indices, using: &generator)
            var pair = pairs[chosen]
            switch Int.random(in: 0..<14, using: &generator) {
            case 0..<7:
                // Mostly to the end of a page, where windows and memories let others go on.
                let toEnd = 16 - pair.twin.tokens.count % 16
                let count = Int.random(in: 0...37, using: &generator)
                try append(count % 3 == 0 ? count : toEnd, to: &pair, driver, step)
                store.noteCommitted(pair.cache)
            case 7:
                let count = pair.twin.tokens.count
                let kept = max(0, count - Int.random(in: 0...40, using: &generator))
                #expect(pair.cache.truncate(to: kept) == pair.twin.truncate(to: kept), "step \(step)")
            case 8:
                if pairs.count < 5, let fork = try? pair.cache.fork() {
                    pairs.append(Pair(cache: fork, twin: pair.twin, wanted: Self.path(&generator)))
                }
            case 9:
                if (try? driver.abandon([(pair.cache, Token.poison(20))])) == nil { break }
            case 10, 11:
                store.noteTurnEnd(pair.cache)
            case 12 where step % 4 == 0:
                store.drop(root: roots[step / 4 % 2])
            default:
                store.leave(pair.cache)
                pairs.remove(at: chosen)
                try expectEqual(pairs, shape, step)
                continue
            }
            pairs[chosen] = pair
            if step % 10 == 9 {
                try expectEqual(pairs, shape, step)
            } else {
                try expectEqual(pair, shape, step)
            }
            let usage = pool.usage
            #expect(usage.live >= 0 && usage.cached >= 0 && usage.idle >= 0)
            if let budget = pool.byteBudget {
                #expect(usage.live + usage.cached + usage.idle <= budget, "step \(step)")
            }
        }
        pairs.forEach { store.leave($0.cache) }
        pairs = []
        #expect(pool.usage.live == 0)
        for root in roots { store.drop(root: root) }
        #expect(pool.usage.cached == 0 && store.usage.columnCount == 0)
        return sharedCount
    }

    /// One of few sequences: stretches of 12 tokens, each one of two, mostly the first.
    private static func path(_ generator: inout SeededGenerator) -> [Token] {
        (0..<12).flatMap { stretch in
            let branch = Int.random(in: 0..<5, using: &generator) == 0 ? 1 : 0
            return Token.sequence(12, seed: UInt64(100 + 2 * stretch + branch))
        }
    }

    private func append(_ count: Int, to pair: inout Pair, _ driver: Driver, _ step: Int) throws {
        let start = pair.twin.tokens.count
        let rest = pair.wanted.dropFirst(start).prefix(count)
        let tokens = rest.isEmpty ? Token.sequence(count, seed: UInt64(step + 1)) : Array(rest)
        do {
            let outputs = try driver.pass([(pair.cache, tokens)])[0]
            pair.twin.append(tokens)
            let width = driver.shape.queryHeadCount * driver.shape.valueDimension
            for layer in driver.shape.retentions.indices where !tokens.isEmpty {
                let row = (layer * tokens.count + tokens.count - 1) * width
                for (ours, expected) in zip(outputs[row..<row + width], pair.twin.lastOutput(layer: layer)) {
                    #expect(abs(Double(ours) - expected) < 1e-5, "step \(step), layer \(layer)")
                }
            }
        } catch let error as CacheError {
            if case .invalidConfiguration = error { Issue.record(error) }
        }
    }

    private func expectEqual(_ pairs: [Pair], _ shape: Shape, _ step: Int) throws {
        for pair in pairs { try expectEqual(pair, shape, step) }
    }

    private func expectEqual(_ pair: Pair, _ shape: Shape, _ step: Int) throws {
        #expect(pair.cache.content.tokens == Array(pair.twin.tokens.ids), "step \(step)")
        for layer in shape.retentions.indices {
            #expect(
                (try pair.cache.read(layer: layer)) == pair.twin.contents(layer: layer),
                "step \(step), layer \(layer)")
        }
    }
}
