import NuthatchCache
import Testing

/// Thousands of random append, truncate, fork, reset and abandon, on several sequences that share pages,
/// against naive twins. Keys and values say which token, position and place they belong to, so whatever is
/// read from a wrong place, lost, or written by a relative, shows.
@Suite struct RandomVerbsTests {
    @Test(arguments: 0..<40)
    func cachesAreTheirTwins(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed) &* 7_919)
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, pageLength: seed % 3 == 0 ? 32 : 16,
            guaranteedRewind: seed % 4 == 0 ? 9 : 0)
        try play(configuration, Self.windows, budget: nil, verbCount: 120, &generator)
    }

    @Test(arguments: 0..<20)
    func reservedCachesAreTheirTwins(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed) &* 104_729)
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: .reserved(tokenCount: 150), pageLength: 16,
            chunkLength: 37, guaranteedRewind: seed % 4 == 0 ? 9 : 0)
        try play(configuration, Self.windows, budget: nil, verbCount: 120, &generator)
    }

    @Test(arguments: 0..<20)
    func refusalsChangeNothing(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed) &* 15_485_863)
        let configuration = try CacheConfiguration(keyStorage: .f32, valueStorage: .f32, pageLength: 16)
        try play(configuration, Self.windows, budget: 40_000, verbCount: 120, &generator)
    }

    @Test(arguments: 0..<30)
    func sinksAreTheirTwins(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed) &* 32_452_843)
        let growth: Growth = seed % 3 == 2 ? .reserved(tokenCount: 150) : .dynamic
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: growth, pageLength: 16, chunkLength: 37,
            guaranteedRewind: seed % 4 == 0 ? 9 : 0)
        let shape = Shape(
            queryHeadCount: 4, kvHeadCount: 2, keyDimension: 6, valueDimension: 2,
            // Sinks and window sum up alike, as they must within one cache.
            retentions: [
                .full, .sinks(count: 3, window: 20, positions: .inCache),
                .sinks(count: 18, window: 5, positions: .inCache), .window(length: 5),
                .sinks(count: 2, window: 1, positions: .trueDistance),
            ], isRotary: true)
        try play(configuration, shape, budget: seed % 3 == 1 ? 60_000 : nil, verbCount: 100, &generator)
    }

    @Test(arguments: 0..<30)
    func compressiveMemoriesAreTheirTwins(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed) &* 49_979_687)
        let growth: Growth = seed % 3 == 2 ? .reserved(tokenCount: 150) : .dynamic
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: growth, pageLength: 16, chunkLength: 37)
        let shape = Shape(
            queryHeadCount: 4, kvHeadCount: 2, keyDimension: 5, valueDimension: 3,
            retentions: [
                .full, .compressive(segmentLength: 24, rule: .linear),
                .compressive(segmentLength: 48, rule: .delta), .window(length: 30),
            ], parameters: AttentionParameters(scale: 0.25, memoryGates: [-1, 0, 0.5, 2]), isRotary: true)
        try play(configuration, shape, budget: seed % 3 == 1 ? 60_000 : nil, verbCount: 100, &generator)
    }

    @Test(arguments: 0..<30)
    func valuesInKeysAreTheirTwins(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed) &* 86_028_121)
        let growth: Growth = seed % 3 == 2 ? .reserved(tokenCount: 150) : .dynamic
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: growth, pageLength: 16, chunkLength: 37,
            guaranteedRewind: seed % 4 == 0 ? 9 : 0)
        let shape = Shape(
            queryHeadCount: 4, kvHeadCount: seed % 2 + 1, keyDimension: 23, valueDimension: 18,
            values: .firstKeyColumns,
            retentions: [
                .full, .window(length: 5), .sinks(count: 3, window: 20, positions: .trueDistance),
                .window(length: 40),
            ])
        try play(configuration, shape, budget: seed % 3 == 1 ? 60_000 : nil, verbCount: 100, &generator)
    }

    private static let windows = Shape(
        queryHeadCount: 4, kvHeadCount: 2, keyDimension: 3, valueDimension: 2,
        retentions: [.full, .window(length: 1), .window(length: 5), .window(length: 40)])

    private struct Pair {
        let cache: SequenceCache
        var twin: NaiveTwin
    }

    private func play(
        _ configuration: CacheConfiguration, _ shape: Shape, budget: Int?, verbCount: Int,
        _ generator: inout SeededGenerator
    ) throws {
        let pool = PagePool(byteBudget: budget)
        let driver = Driver(shape)
        var pairs: [Pair] = []
        for step in 0..<verbCount {
            if pairs.isEmpty {
                let cache = try SequenceCache(configuration, layers: shape.layers, pool: pool)
                pairs.append(Pair(cache: cache, twin: NaiveTwin(shape, configuration: configuration)))
            }
            let chosen = Int.random(in: pairs.indices, using: &generator)
            var pair = pairs[chosen]
            switch Int.random(in: 0..<12, using: &generator) {
            case 0..<6:
                try append(Int.random(in: 0...45, using: &generator), to: &pair, driver, step)
            case 6, 7:
                let count = Int.random(in: 0...pair.twin.tokens.count, using: &generator)
                // Mostly short rewinds, so that windows have something to say.
                let kept = max(count, pair.twin.tokens.count - Int.random(in: 0...60, using: &generator))
                #expect(pair.cache.truncate(to: kept) == pair.twin.truncate(to: kept), "step \(step)")
            case 8, 9:
                if pairs.count < 5, let fork = try? pair.cache.fork() {
                    pairs.append(Pair(cache: fork, twin: pair.twin))
                }
            case 10:
                if (try? driver.abandon([(pair.cache, Token.poison(20))])) == nil { break }
            default:
                if Bool.random(using: &generator) {
                    pair.cache.reset()
                    pair.twin.reset()
                } else {
                    pairs.remove(at: chosen)
                    continue
                }
            }
            pairs[chosen] = pair
            // A verb must not change its sequence's relatives either; looking at them now and then finds it
            // too.
            for (index, pair) in pairs.enumerated() where index == chosen || step % 10 == 9 {
                try expectEqual(pair, shape, step)
            }
            #expect(pool.usage.live <= pairs.reduce(0) { $0 + $1.cache.byteCount })
        }
        pairs = []
        #expect(pool.usage.live == 0)
    }

    private func append(_ count: Int, to pair: inout Pair, _ driver: Driver, _ step: Int) throws {
        let tokens = Token.sequence(count, seed: UInt64(step + 1))
        do {
            let outputs = try driver.pass([(pair.cache, tokens)])[0]
            pair.twin.append(tokens)
            expectAttended(outputs, pair.twin, driver.shape, tokens.count, step)
        } catch let error as CacheError {
            if case .invalidConfiguration = error { Issue.record(error) }
        }
    }

    private func expectEqual(_ pair: Pair, _ shape: Shape, _ step: Int) throws {
        #expect(pair.cache.tokenCount == pair.twin.tokens.count, "step \(step)")
        for layer in shape.retentions.indices {
            #expect(
                (try pair.cache.read(layer: layer)) == pair.twin.contents(layer: layer),
                "step \(step), layer \(layer)")
        }
    }

    /// The last row of each layer, against the naive attention over the twin's full history.
    private func expectAttended(
        _ outputs: [Float], _ twin: NaiveTwin, _ shape: Shape, _ count: Int, _ step: Int
    ) {
        guard count > 0 else { return }
        let width = shape.queryHeadCount * shape.valueDimension
        for layer in shape.retentions.indices {
            let row = (layer * count + count - 1) * width
            for (ours, expected) in zip(outputs[row..<row + width], twin.lastOutput(layer: layer)) {
                #expect(abs(Double(ours) - expected) < 1e-5, "step \(step), layer \(layer)")
            }
        }
    }
}
