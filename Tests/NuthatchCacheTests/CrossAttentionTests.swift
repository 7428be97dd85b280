import NuthatchCache
import NuthatchTestSupport
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Attention to a source: all of it, for every row, and the same bits however source and rows came.
@Suite struct CrossAttentionTests {
    static let shapes: [Shape] = [
        Shape(retentions: [.full, .full]),
        Shape(
            queryHeadCount: 9, kvHeadCount: 3, keyDimension: 12, valueDimension: 20, retentions: [.full]),
        Shape(queryHeadCount: 2, kvHeadCount: 2, keyDimension: 80, valueDimension: 64, retentions: [.full]),
        Shape(retentions: [.full], parameters: AttentionParameters(scale: 2, logitSoftcap: 3)),
    ]

    @Test(arguments: shapes, [1, 15, 16, 17, 64, 130, 256, 257, 600])
    func everyRowSeesTheWholeSource(shape: Shape, sourceLength: Int) throws {
        let driver = PairDriver(shape, workerCount: 2)
        let cache = try pair(shape, try CacheConfiguration(keyStorage: .f32, valueStorage: .f32))
        try driver.fill(cache, Token.sequence(sourceLength, seed: 3))
        let tokens = Token.sequence(5)
        let outputs = try driver.pass([(cache, tokens)])[0]
        let naive = NaiveAttention<Double>(shape: shape, exponential: exp, hyperbolicTangent: tanh)
        var expected: [Double] = []
        for layer in shape.retentions.indices {
            let contents = try cache.readSource(layer: layer)
            #expect(contents.positions == Array(0..<sourceLength))
            for (position, token) in tokens.enumerated() {
                let row = shape.row(.query, token, position: position, layer: layer).map(Double.init)
                for head in 0..<shape.queryHeadCount {
                    let query = Array(row[head * shape.keyDimension..<(head + 1) * shape.keyDimension])
                    expected += naive.output(
                        contents.positions.map { ($0, query) },
                        kvHead: head / (shape.queryHeadCount / shape.kvHeadCount), contents: contents)
                }
            }
        }
        #expect(outputs.count == expected.count)
        for (ours, expected) in zip(outputs, expected) { #expect(abs(Double(ours) - expected) < 2e-6) }
    }

    @Test(arguments: shapes, StoragePair.allCases)
    func rowsChunksWorkersAndInstructionSetsDoNotMatter(shape: Shape, storage: StoragePair) throws {
        let source = Token.sequence(290, seed: 3)
        let tokens = Token.sequence(40)
        let configuration = try storage.configuration()
        func outputs(
            rows: Int, chunk: Int, workerCount: Int = 1, kernels: AttentionKernels = .best
        ) throws -> [UInt32] {
            let driver = PairDriver(shape, workerCount: workerCount, kernels: kernels)
            let cache = try pair(shape, configuration)
            try driver.fill(cache, source, chunk: chunk)
            return try decode(driver, cache, tokens, rows: rows).bits
        }
        let expected = try outputs(rows: 40, chunk: 290)
        for (rows, chunk, workerCount) in [(1, 290, 2), (7, 64, 1), (33, 7, 3), (40, 1, 2)] {
            let found = try outputs(rows: rows, chunk: chunk, workerCount: workerCount)
            #expect(found == expected, "\(rows) rows, chunks of \(chunk)")
        }
        for kernels in AttentionKernels.available {
            #expect(try outputs(rows: 13, chunk: 100, kernels: kernels) == expected, "\(kernels.name)")
        }
    }

    @Test(arguments: StoragePair.allCases)
    func placesAndGrowthDoNotMatter(storage: StoragePair) throws {
        let folder = try TemporaryDirectory()
        let shape = Self.shapes[0]
        let tokens = Token.sequence(20)
        var found: [[UInt32]] = []
        for growth in [Growth.dynamic, .reserved(tokenCount: 100)] {
            for placement in [Placement.memory, .disk(directory: folder.path)] {
                let configuration = try storage.configuration(growth: growth, placement: placement)
                let driver = PairDriver(shape, workerCount: 2)
                let cache = try pair(shape, configuration)
                try driver.fill(cache, Token.sequence(290, seed: 3), chunk: 90)
                let fork = try cache.fork()
                // Two that share a source, in one pass.
                var outputs: [[Float]] = [[], []]
                for start in stride(from: 0, to: 20, by: 5) {
                    let part = Array(tokens[start..<start + 5])
                    for (index, output) in try driver.pass([(cache, part), (fork, part)]).enumerated() {
                        outputs[index] += output
                    }
                }
                found += outputs.map(\.bits)
            }
        }
        for bits in found.dropFirst() { #expect(bits == found[0]) }
    }

    @Test func batchMatesDoNotMatter() throws {
        let shape = Self.shapes[1]
        let driver = PairDriver(shape, workerCount: 2)
        let caches = try (0..<6).map { index in
            let cache = try pair(shape, try CacheConfiguration(keyStorage: .f32))
            try driver.fill(cache, Token.sequence(1 + index * 70, seed: UInt64(index + 5)))
            return cache
        }
        let tokens = (0..<6).map { Token.sequence(1 + $0 * 7, seed: UInt64($0 + 20)) }
        let alone = try zip(caches, tokens).map { try driver.pass([(try $0.fork(), $1)])[0].bits }
        let together = try driver.pass(zip(caches, tokens).map { ($0, $1) })
        #expect(together.map(\.bits) == alone)
    }

    // MARK: Replacing

    @Test(arguments: StoragePair.allCases, [.dynamic, .reserved(tokenCount: 100)] as [Growth])
    func aReplacedSourceLeavesNoTrace(storage: StoragePair, growth: Growth) throws {
        let shape = Self.shapes[0]
        let driver = PairDriver(shape)
        let configuration = try storage.configuration(growth: growth)
        let cache = try pair(shape, configuration)
        let tokens = Token.sequence(30)
        for (index, length) in [200, 290, 64, 1, 63, 129].enumerated() {
            let source = Token.sequence(length, seed: UInt64(index + 40))
            try driver.fill(cache, source)
            #expect(cache.sourceGeneration == index + 1)
            #expect(cache.target.tokenCount == 0, "what was decoded from the old source is gone")
            let fresh = try pair(shape, configuration)
            try driver.fill(fresh, source)
            let expected = try decode(driver, fresh, tokens, rows: 7).bits
            #expect(try decode(driver, cache, tokens, rows: 7).bits == expected, "\(length) tokens")
            for layer in shape.retentions.indices {
                #expect(try cache.readSource(layer: layer) == fresh.readSource(layer: layer))
            }
        }
    }

    private func decode(
        _ driver: PairDriver, _ cache: EncoderDecoderCache, _ tokens: [Token], rows: Int
    ) throws -> [Float] {
        let width = driver.shape.queryHeadCount * driver.shape.valueDimension
        var byLayer = driver.shape.retentions.map { _ in [Float]() }
        for start in stride(from: 0, to: tokens.count, by: rows) {
            let part = Array(tokens[start...].prefix(rows))
            let output = try driver.pass([(cache, part)])[0]
            for layer in byLayer.indices {
                byLayer[layer] += output[layer * part.count * width..<(layer + 1) * part.count * width]
            }
        }
        return byLayer.flatMap { $0 }
    }

    private func pair(_ shape: Shape, _ configuration: CacheConfiguration) throws -> EncoderDecoderCache {
        try EncoderDecoderCache(
            configuration, targetLayers: shape.layers, sourceLayers: shape.layers, sourceCapacity: 300,
            pool: PagePool())
    }
}
