import NuthatchCache
import NuthatchTestSupport
import Testing

/// Law L4: every retention works with every storage, growth and placement; and law L1 for each of them: outputs
/// are the same bits however the tokens came, wherever pages live, after a fork and after a rewind.
@Suite struct CombinationTests {
    static let retentions: [Retention] = [
        .full, .window(length: 1), .window(length: 40), .window(length: 500),
        .sinks(count: 4, window: 20, positions: .trueDistance),
        .sinks(count: 70, window: 33, positions: .trueDistance),
    ]

    /// Long enough for several pages of every length, short enough for every combination.
    private static let tokens = Token.sequence(300)

    @Test(arguments: Holding.all, retentions)
    func bitsDependOnTokensOnly(holding: Holding, retention: Retention) throws {
        let folder = try TemporaryDirectory()
        let storage = holding.storage
        let shape = holding.shape([.full, .window(length: 100)])
        let base = try storage.configuration(retention: retention)
        let expected = try outputs(base, shape, chunk: Self.tokens.count)
        for growth in [Growth.dynamic, .reserved(tokenCount: 300)] {
            for placement in [Placement.memory, .disk(directory: folder.path)] {
                for chunk in [1, 7, 64] where chunk == 7 || growth == .dynamic {
                    let configuration = try storage.configuration(
                        retention: retention, growth: growth, placement: placement)
                    let found = try outputs(
                        configuration, shape, chunk: chunk, workerCount: chunk == 64 ? 2 : 1)
                    #expect(found.bits == expected.bits, "\(growth), \(placement), chunks of \(chunk)")
                }
            }
        }
    }

    @Test(arguments: Holding.all, retentions)
    func forksAndRewindsGoOnAsIfTheyHadNotBeen(holding: Holding, retention: Retention) throws {
        let folder = try TemporaryDirectory()
        let storage = holding.storage
        let shape = holding.shape([.full])
        for growth in [Growth.dynamic, .reserved(tokenCount: 300)] {
            for placement in [Placement.memory, .disk(directory: folder.path)] {
                let configuration = try storage.configuration(
                    retention: retention, growth: growth, placement: placement)
                let driver = Driver(shape)
                let cache = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
                _ = try driver.feed(Array(Self.tokens.prefix(200)), to: cache, chunk: 50)
                let fork = try cache.fork()
                _ = try driver.feed(Token.sequence(90, seed: 7), to: fork, chunk: 13)
                _ = fork.truncate(to: 230)
                var count = 200
                if case .recompute(let from) = cache.truncate(to: 180) { count = from } else { count = 180 }
                #expect(cache.tokenCount == count)
                let output = try driver.feed(Array(Self.tokens[count...]), to: cache, chunk: 31)
                let expected = try outputs(configuration, shape, chunk: 64)
                let width = shape.queryHeadCount * shape.valueDimension
                #expect(output.bits == Array(expected.bits[(count * width)...]), "\(growth), \(placement)")
            }
        }
    }

    private func outputs(
        _ configuration: CacheConfiguration, _ shape: Shape, chunk: Int, workerCount: Int = 1
    ) throws -> [Float] {
        let driver = Driver(shape, workerCount: workerCount)
        let pool = PagePool()
        let cache = try SequenceCache(configuration, layers: shape.layers, pool: pool)
        return try driver.feed(Self.tokens, to: cache, chunk: chunk)
    }
}
