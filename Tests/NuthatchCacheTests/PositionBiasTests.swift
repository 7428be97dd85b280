import NuthatchCache
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What distances are worth, and rows that see ahead: an encoder's attention, and that of T5's decoder.
@Suite struct PositionBiasTests {
    /// Query heads, kv heads, dimensions, how far distances count, and the cap.
    private static let cases: [(Int, Int, Int, Int, reach: Int, Float?)] = [
        (6, 2, 16, 16, 0, nil), (5, 5, 12, 20, 3, nil), (4, 1, 20, 12, 40, 3), (3, 3, 64, 64, 128, nil),
        (2, 1, 6, 2, 400, nil),
    ]
    /// More than a split, and no multiple of anything.
    private static let tokenCount = 330

    private func shape(_ index: Int, _ retentions: [Retention] = [.full]) throws -> Shape {
        let (queryHeadCount, kvHeadCount, keyDimension, valueDimension, reach, cap) = Self.cases[index]
        var generator = SeededGenerator(state: UInt64(index))
        let values = (0..<queryHeadCount).map { _ in
            (0...2 * reach).map { _ in Float.random(in: -3...3, using: &generator) }
        }
        let bias = try PositionBias(headCount: queryHeadCount, reach: reach) { values[$0][$1 + reach] }
        return Shape(
            queryHeadCount: queryHeadCount, kvHeadCount: kvHeadCount, keyDimension: keyDimension,
            valueDimension: valueDimension, retentions: retentions,
            parameters: AttentionParameters(scale: 0.25, logitSoftcap: cap, positionBias: bias))
    }

    @Test func distancesBeyondReachAreWorthWhatReachIs() throws {
        let bias = try PositionBias(headCount: 2, reach: 5) { Float(100 * $0 + $1) }
        for (distance, value) in [(0, 100), (-5, 95), (-6, 95), (-1_000, 95), (5, 105), (9, 105)] {
            #expect(bias.value(head: 1, distance: distance) == Float(value))
        }
        #expect(bias.byteCount == 2 * (2 * 5 + 33) * 4)
    }

    // MARK: Rows that see what is behind them

    @Test(arguments: cases.indices, [Retention.full, .window(length: 5), .window(length: 100)])
    func scoresGainWhatTheirDistanceIsWorth(index: Int, retention: Retention) throws {
        let shape = try shape(index, [retention])
        let configuration = try CacheConfiguration(keyStorage: .f32, valueStorage: .f32)
        let tokens = Token.sequence(Self.tokenCount)
        let contents = try contents(shape, tokens)[0]
        let cache = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
        let ours = try Driver(shape, workerCount: 2).feed(tokens, to: cache, chunk: 150)
        let exact = NaiveAttention<Double>(shape: shape, exponential: exp, hyperbolicTangent: tanh)
            .outputs(tokens, layer: 0, contents: contents)
        expectClose(ours, exact)
    }

    @Test(arguments: cases.indices, StoragePair.allCases)
    func chunksWorkersAndInstructionSetsDoNotMatter(index: Int, storage: StoragePair) throws {
        let shape = try shape(index, [.full, .window(length: 100)])
        let configuration = try storage.configuration()
        func outputs(
            chunk: Int, workerCount: Int = 1, kernels: AttentionKernels = .best
        ) throws -> [UInt32] {
            let cache = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
            let driver = Driver(shape, workerCount: workerCount, kernels: kernels)
            return try driver.feed(Token.sequence(Self.tokenCount), to: cache, chunk: chunk).bits
        }
        let expected = try outputs(chunk: Self.tokenCount)
        for (chunk, workerCount) in [(1, 2), (7, 1), (64, 3)] {
            #expect(try outputs(chunk: chunk, workerCount: workerCount) == expected, "chunks of \(chunk)")
        }
        for kernels in AttentionKernels.available {
            #expect(try outputs(chunk: 90, kernels: kernels) == expected, "\(kernels.name)")
        }
    }

    // MARK: Rows that see ahead

    @Test(arguments: cases.indices, [1, 2, 15, 16, 17, 64, 65, 257, 300])
    func everyRowSeesAllOfItsSource(index: Int, length: Int) throws {
        let shape = try shape(index, [.full, .full])
        let tokens = Token.sequence(length)
        let contents = try contents(shape, tokens)
        let naive = NaiveAttention<Double>(shape: shape, exponential: exp, hyperbolicTangent: tanh)
        var exact: [Double] = []
        for layer in shape.retentions.indices {
            for (position, token) in tokens.enumerated() {
                let row = shape.row(.query, token, position: position, layer: layer).map(Double.init)
                for head in 0..<shape.queryHeadCount {
                    let query = Array(row[head * shape.keyDimension..<(head + 1) * shape.keyDimension])
                    exact += naive.output(
                        tokens.indices.map { ($0, query) },
                        kvHead: head / (shape.queryHeadCount / shape.kvHeadCount),
                        contents: contents[layer], of: (head, position))
                }
            }
        }
        let scratch = SourceScratch(shape.layers[0])
        expectClose(try Driver(shape, workerCount: 2).encode([tokens], scratch: scratch)[0], exact)
        #expect(scratch.byteCount > 0)
    }

    @Test(arguments: cases.indices)
    func sourcesInOnePassAndBeforeItDoNotMatter(index: Int) throws {
        let shape = try shape(index, [.full, .full])
        let sources = [290, 1, 17, 64, 130].enumerated().map { Token.sequence($1, seed: UInt64($0 + 1)) }
        let alone = try sources.map { source in
            try Driver(shape).encode([source], scratch: SourceScratch(shape.layers[0]))[0].bits
        }
        // One after the other over what the last one left there, on several threads.
        let scratch = SourceScratch(shape.layers[0])
        for workerCount in [1, 2, 3] {
            let driver = Driver(shape, workerCount: workerCount)
            #expect(try driver.encode(sources, scratch: scratch).map(\.bits) == alone)
            for (source, expected) in zip(sources, alone) {
                #expect(try driver.encode([source], scratch: scratch)[0].bits == expected)
            }
        }
        for kernels in AttentionKernels.available {
            let driver = Driver(shape, workerCount: 2, kernels: kernels)
            #expect(
                try driver.encode(sources.reversed(), scratch: scratch).map(\.bits) == alone.reversed(),
                "\(kernels.name)")
        }
    }

    // MARK: Parts

    private func contents(_ shape: Shape, _ tokens: [Token]) throws -> [SequenceCache.LayerContents] {
        var whole = shape
        whole.retentions = shape.retentions.map { _ in .full }
        let cache = try SequenceCache(
            try CacheConfiguration(keyStorage: .f32, valueStorage: .f32), layers: whole.layers,
            pool: PagePool())
        try Driver(whole).append(tokens, to: cache)
        return try whole.retentions.indices.map { try cache.read(layer: $0) }
    }

    private func expectClose(_ ours: [Float], _ exact: [Double]) {
        #expect(ours.count == exact.count)
        let error = zip(ours, exact).map { abs(Double($0) - $1) }.max() ?? .infinity
        #expect(error < 3e-6, "\(error)")
    }
}
