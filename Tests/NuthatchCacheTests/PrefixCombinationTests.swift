import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Laws L1 and L4 for sequences that share a prefix: with every storage, retention, growth and placement they have the
/// bits of a sequence that computed everything itself.
@Suite struct PrefixCombinationTests {
    private static let tokens = Token.sequence(330)

    @Test(arguments: Holding.all, CombinationTests.retentions)
    func whoSharesHasTheBitsOfWhoComputes(holding: Holding, retention: Retention) throws {
        let folder = try TemporaryDirectory()
        let storage = holding.storage
        let shape = holding.shape([.full, .window(length: 100)])
        let base = try storage.configuration(retention: retention)
        let expected = try outputs(base, shape)
        for growth in [Growth.dynamic, .reserved(tokenCount: 330)] {
            for placement in [Placement.memory, .disk(directory: folder.path)] {
                let configuration = try storage.configuration(
                    retention: retention, growth: growth, placement: placement)
                let (shared, sharedCount) = try sharedOutputs(configuration, shape)
                let width = shape.queryHeadCount * shape.valueDimension
                let rows = shared.count / 2 / width
                #expect(sharedCount > 0, "\(growth), \(placement)")
                for layer in 0..<2 {
                    let end = (layer + 1) * 330 * width
                    #expect(
                        shared[layer * rows * width..<(layer + 1) * rows * width].map(\.bitPattern)
                            == expected[end - rows * width..<end].map(\.bitPattern),
                        "\(growth), \(placement), layer \(layer), \(sharedCount) shared")
                }
            }
        }
    }

    /// What a sequence gives that takes over where another ended a turn, and how much of that it shared.
    private func sharedOutputs(
        _ configuration: CacheConfiguration, _ shape: Shape
    ) throws -> ([Float], Int) {
        let pool = PagePool()
        let store = PrefixStore(pool: pool)
        let root = PrefixSample.root(pageLength: configuration.pageLength)
        let content = SequenceContent(Array(Self.tokens.ids))
        let driver = Driver(shape)
        let first = try SequenceCache(configuration, layers: shape.layers, pool: pool)
        _ = try store.attach(first, to: content, root: root)
        for chunk in [Self.tokens[..<150], Self.tokens[150..<256], Self.tokens[256..<260]] {
            _ = try driver.feed(Array(chunk), to: first, chunk: 64)
            store.noteCommitted(first)
        }
        store.noteTurnEnd(first)
        _ = try driver.feed(Token.sequence(70, seed: 3), to: first, chunk: 64)
        store.leave(first)
        let second = try SequenceCache(configuration, layers: shape.layers, pool: pool)
        let count = try store.attach(second, to: content, root: root, limit: 329).tokenCount
        let output = try driver.feed(Array(Self.tokens[count...]), to: second, chunk: 11)
        store.leave(second)
        if configuration.growth == .dynamic { #expect(pool.usage.live == 0) }
        return (output, count)
    }

    private func outputs(_ configuration: CacheConfiguration, _ shape: Shape) throws -> [Float] {
        let cache = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
        return try Driver(shape).feed(Self.tokens, to: cache, chunk: 64)
    }
}
