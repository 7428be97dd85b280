import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Pairs of caches: what is refused, shared and planned.
@Suite struct EncoderDecoderTests {
    private let shape = Shape(
        queryHeadCount: 4, kvHeadCount: 2, keyDimension: 3, valueDimension: 2, retentions: [.full, .full])

    private func pair(
        _ configuration: CacheConfiguration? = nil, sourceCapacity: Int? = nil, pool: PagePool = PagePool()
    ) throws -> EncoderDecoderCache {
        try EncoderDecoderCache(
            configuration ?? CacheConfiguration(keyStorage: .f32, valueStorage: .f32, pageLength: 16),
            targetLayers: shape.layers, sourceLayers: shape.layers, sourceCapacity: sourceCapacity, pool: pool
        )
    }

    // MARK: Refusals

    @Test func nothingIsReadBeforeTheSourceIsThere() throws {
        let driver = PairDriver(shape)
        let cache = try pair()
        let token = Token.sequence(1)
        func expectRefused(_ filled: Int, _ tokenCount: Int) {
            let error = CacheError.incompleteSource(filled: filled, tokenCount: tokenCount)
            #expect(throws: error) { try driver.pass([(cache, token)]) }
            #expect(throws: error) { try cache.readSource(layer: 0) }
            #expect(throws: error) { try cache.endSource() }
            #expect(cache.sourceTokenCount == nil)
        }
        expectRefused(0, 0)
        try cache.beginSource(tokenCount: 40)
        expectRefused(0, 40)
        try driver.append(Token.sequence(30), from: 0, to: cache)
        expectRefused(30, 40)
        #expect(throws: CacheError.incompleteSource(filled: 30, tokenCount: 40)) { try cache.fork() }
        #expect(throws: CacheError.incompleteSource(filled: 30, tokenCount: 40)) {
            try SequenceRows([cache]).repeatEach(2)
        }
        #expect(throws: CacheError.full(capacity: 40, asked: 41)) {
            try driver.append(Token.sequence(11), from: 30, to: cache)
        }
        try driver.append(Token.sequence(10), from: 30, to: cache)
        #expect(throws: CacheError.incompleteSource(filled: 40, tokenCount: 40)) {
            try driver.pass([(cache, token)])
        }
        try cache.endSource()
        #expect(cache.sourceTokenCount == 40)
        #expect(throws: Never.self) { try driver.pass([(cache, token)]) }
        #expect(throws: CacheError.full(capacity: 0, asked: 1)) {
            try driver.append(Token.sequence(1), from: 40, to: cache)
        }
        // The next one begun, the old one is not read any more.
        try cache.beginSource(tokenCount: 3)
        expectRefused(0, 3)
    }

    @Test func sourcesWithoutTokensAndBeyondTheReservationAreRefused() throws {
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: .reserved(tokenCount: 50), pageLength: 16)
        let cache = try pair(configuration, sourceCapacity: 30)
        try PairDriver(shape).fill(cache, Token.sequence(20))
        let before = try cache.readSource(layer: 1)
        #expect(throws: CacheError.emptySource) { try cache.beginSource(tokenCount: 0) }
        #expect(throws: CacheError.full(capacity: 30, asked: 31)) { try cache.beginSource(tokenCount: 31) }
        #expect(try cache.readSource(layer: 1) == before)
        #expect(cache.sourceGeneration == 1)
        #expect(throws: CacheError.self) { try pair(configuration, sourceCapacity: nil) }
        #expect(throws: CacheError.self) {
            try EncoderDecoderPlan(
                CacheConfiguration(), targetLayers: shape.layers,
                sourceLayers: Shape(retentions: [.window(length: 5)]).layers)
        }
        #expect(
            CacheError.incompleteSource(filled: 3, tokenCount: 9).description
                == "The source has 3 of its 9 tokens. Encode the whole source first.")
        #expect(
            CacheError.incompleteSource(filled: 0, tokenCount: 0).description
                == "There is no source yet. Encode the whole source first.")
        #expect(
            CacheError.emptySource.description
                == "The source has no tokens. Give the encoder at least one token.")
    }

    // MARK: Sharing

    @Test(arguments: [.dynamic, .reserved(tokenCount: 60)] as [Growth])
    func forksShareTheirSourceUntilTheyBeginAnother(growth: Growth) throws {
        let pool = PagePool()
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: growth, pageLength: 16)
        let driver = PairDriver(shape)
        let cache = try pair(configuration, sourceCapacity: 60, pool: pool)
        try driver.fill(cache, Token.sequence(50, seed: 2))
        let before = (pool.usage.live, try cache.readSource(layer: 0))
        let fork = try cache.fork()
        let added = growth == .dynamic ? 0 : fork.target.byteCount
        #expect(pool.usage.live == before.0 + added, "the source took no memory")
        try driver.fill(fork, Token.sequence(60, seed: 9))
        #expect(try cache.readSource(layer: 0) == before.1)
        #expect(try fork.readSource(layer: 0) != before.1)
        fork.reset()
        #expect(fork.sourceTokenCount == nil)
        #expect(try cache.readSource(layer: 0) == before.1)
    }

    @Test(arguments: [.dynamic, .reserved(tokenCount: 60)] as [Growth])
    func beamsOverOneSourceReorder(growth: Growth) throws {
        let pool = PagePool()
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: growth, pageLength: 16)
        let driver = PairDriver(shape)
        let beams = SequenceRows([try pair(configuration, sourceCapacity: 60, pool: pool)])
        try driver.fill(beams.rows[0], Token.sequence(50, seed: 2))
        try beams.repeatEach(3)
        #expect(beams.byteCount == pool.usage.live)
        _ = try driver.pass(beams.rows.enumerated().map { ($1, Token.sequence(20, seed: UInt64($0))) })
        let before = try beams.rows.map { try $0.target.read(layer: 1) }
        try beams.reorder([2, 1, 2])
        #expect(try beams.rows.map { try $0.target.read(layer: 1) } == [before[2], before[1], before[2]])
        let outputs = try driver.pass(beams.rows.map { ($0, Token.sequence(4, seed: 77)) })
        #expect(outputs[0].bits == outputs[2].bits)
        #expect(beams.byteCount == pool.usage.live)
        beams.reset()
        #expect(beams.rows.allSatisfy { $0.sourceTokenCount == nil && $0.target.tokenCount == 0 })
        for row in beams.rows { try driver.fill(row, Token.sequence(10)) }
        try beams.select([])
    }

    // MARK: Planning

    @Test(arguments: StoragePair.allCases)
    func whatIsPlannedIsAllocated(storage: StoragePair) throws {
        let folder = try TemporaryDirectory()
        let shape = Shape(retentions: [.full, .full, .full])
        for growth in [Growth.dynamic, .reserved(tokenCount: 201)] {
            for placement in [Placement.memory, .disk(directory: folder.path)] {
                let configuration = try storage.configuration(growth: growth, placement: placement)
                let pool = PagePool()
                let cache = try EncoderDecoderCache(
                    configuration, targetLayers: shape.layers, sourceLayers: shape.layers,
                    sourceCapacity: 200, pool: pool)
                let driver = PairDriver(shape)
                for length in [1, 63, 64, 65, 200] {
                    try driver.fill(cache, Token.sequence(length, seed: 2), chunk: 70)
                    _ = try driver.pass([(cache, Token.sequence(length))])
                    // What waits to be written goes; then all pages that the next pass reads have their frames.
                    _ = try driver.pass([(cache, Token.sequence(1))])
                    try cache.finishTransfers()
                    let planned = cache.plan.byteCount(
                        sourceTokenCount: length, targetTokenCount: length + 1)
                    let isFramed = placement.isDisk && growth == .dynamic
                    if isFramed {
                        #expect(cache.byteCount <= planned ?? 0, "\(length) tokens")
                    } else {
                        #expect(cache.byteCount == planned, "\(length) tokens, \(growth), \(placement)")
                    }
                    #expect(pool.usage.live == cache.byteCount)
                }
                let peak = cache.plan.peakByteCount(sourceLength: 200, targetLength: 201)
                #expect(pool.usage.peak <= peak ?? 0)
            }
        }
    }
}
