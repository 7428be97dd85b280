import NuthatchCache
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Against attention computed naively in double precision over what the cache holds: our largest error is at
/// most twice that of the same naive computation in single precision.
@Suite struct AttentionAccuracyTests {
    static let shapes: [Shape] = [
        Shape(),
        Shape(queryHeadCount: 9, kvHeadCount: 3, keyDimension: 64, valueDimension: 64),
        Shape(queryHeadCount: 7, kvHeadCount: 1, keyDimension: 12, valueDimension: 20),
        Shape(queryHeadCount: 4, kvHeadCount: 4, keyDimension: 80, valueDimension: 96),
        Shape(queryHeadCount: 16, kvHeadCount: 1, keyDimension: 20, valueDimension: 12),
        Shape(queryHeadCount: 2, kvHeadCount: 1, keyDimension: 1, valueDimension: 1),
        Shape(
            queryHeadCount: 16, kvHeadCount: 1, keyDimension: 44, valueDimension: 36, values: .firstKeyColumns
        ),
        Shape(queryHeadCount: 3, kvHeadCount: 1, keyDimension: 256, valueDimension: 256),
        Shape(parameters: AttentionParameters(scale: 2, logitSoftcap: 3)),
        Shape(parameters: AttentionParameters(scale: 40)),
    ]

    @Test(arguments: shapes)
    func outputsAreAsCloseToExactAsNaiveSinglePrecision(shape: Shape) throws {
        try expectAccurate(shape, keys: .f32, values: .f32, tokenCount: 300)
    }

    @Test(arguments: Storage.exactCases, Storage.exactCases)
    func everyPairOfStoragesIsReadAsItIsHeld(keys: Storage, values: Storage) throws {
        try expectAccurate(Shape(), keys: keys, values: values, tokenCount: 200)
    }

    @Test(arguments: [1, 2, 5, 63, 64, 65, 100, 256, 299, 300, 10_000])
    func aWindowIsExactToTheToken(length: Int) throws {
        try expectAccurate(
            Shape(retentions: [.window(length: length)]), keys: .f32, values: .f16, tokenCount: 300)
    }

    private func expectAccurate(_ shape: Shape, keys: Storage, values: Storage, tokenCount: Int) throws {
        let tokens = Token.sequence(tokenCount)
        let configuration = try CacheConfiguration(keyStorage: keys, valueStorage: values)
        let pool = PagePool()
        // The same content in a cache that keeps everything, to compute the reference from.
        var complete = shape
        complete.retentions = shape.retentions.map { _ in .full }
        let whole = try SequenceCache(configuration, layers: complete.layers, pool: pool)
        _ = try Driver(complete).feed(tokens, to: whole, chunk: 100)
        let contents = try whole.read(layer: 0)

        let cache = try SequenceCache(configuration, layers: shape.layers, pool: pool)
        let ours = try Driver(shape, workerCount: 2).feed(tokens, to: cache, chunk: 150)
        let exact = NaiveAttention<Double>(shape: shape, exponential: exp, hyperbolicTangent: tanh)
            .outputs(tokens, layer: 0, contents: contents)
        let naive = NaiveAttention<Float>(shape: shape, exponential: expf, hyperbolicTangent: tanhf)
            .outputs(tokens, layer: 0, contents: contents)
        let ourError = zip(ours, exact).map { abs(Double($0) - $1) }.max() ?? .infinity
        let naiveError = zip(naive, exact).map { abs(Double($0) - $1) }.max() ?? .infinity
        #expect(ours.count == exact.count)
        #expect(ourError <= 2 * naiveError + 1e-7, "\(ourError) against \(naiveError)")
    }
}
