import NuthatchCache
import NuthatchTensors
import Testing

/// Law L1: the bits of an output are a function of its query, of the keys and values at the positions it
/// sees, and of the configuration, and of nothing else.
@Suite struct EqualBitsTests {
    static let retentions: [Retention] = [
        .full, .window(length: 1), .window(length: 5), .window(length: 64), .window(length: 100),
        .window(length: 10_000),
    ]
    static let shapes: [Shape] = [
        Shape(retentions: retentions),
        Shape(
            queryHeadCount: 9, kvHeadCount: 3, keyDimension: 12, valueDimension: 20, retentions: retentions),
        Shape(
            queryHeadCount: 8, kvHeadCount: 1, keyDimension: 80, valueDimension: 64, retentions: retentions),
        Shape(
            queryHeadCount: 2, kvHeadCount: 2, keyDimension: 20, valueDimension: 96, retentions: retentions),
        Shape(
            queryHeadCount: 16, kvHeadCount: 1, keyDimension: 44, valueDimension: 36,
            values: .firstKeyColumns,
            retentions: retentions),
    ]
    /// More than a split, and no multiple of anything.
    static let tokenCount = 330

    @Test(arguments: shapes)
    func chunkSizesDoNotMatter(shape: Shape) throws {
        let expected = try outputs(shape, chunk: Self.tokenCount)
        for chunk in [1, 7, 64, 512] {
            #expect(try outputs(shape, chunk: chunk) == expected, "chunks of \(chunk)")
        }
    }

    @Test(arguments: shapes)
    func workerCountsDoNotMatter(shape: Shape) throws {
        for chunk in [1, 20, 330] {
            let expected = try outputs(shape, chunk: chunk, workerCount: 1)
            for workerCount in [2, 3] {
                #expect(try outputs(shape, chunk: chunk, workerCount: workerCount) == expected)
            }
        }
    }

    @Test(arguments: Storage.exactCases, Storage.exactCases)
    func chunksAndWorkersDoNotMatterWithAnyStorage(keys: Storage, values: Storage) throws {
        let configuration = try CacheConfiguration(keyStorage: keys, valueStorage: values)
        let shape = Self.shapes[1]
        let expected = try outputs(shape, configuration, chunk: Self.tokenCount)
        #expect(try outputs(shape, configuration, chunk: 1, workerCount: 2) == expected)
        #expect(try outputs(shape, configuration, chunk: 70, workerCount: 3) == expected)
    }

    @Test(arguments: [16, 32, 48, 128, 512])
    func chunksAndWorkersDoNotMatterWithAnyPageLength(pageLength: Int) throws {
        let configuration = try CacheConfiguration(pageLength: pageLength)
        let shape = Self.shapes[0]
        let expected = try outputs(shape, configuration, chunk: Self.tokenCount)
        #expect(try outputs(shape, configuration, chunk: 1, workerCount: 2) == expected)
        #expect(try outputs(shape, configuration, chunk: 70, workerCount: 2) == expected)
    }

    @Test(arguments: shapes)
    func everyInstructionSetGivesTheSameBits(shape: Shape) throws {
        let expected = try outputs(shape, chunk: 200, kernels: AttentionKernels.available[0])
        for kernels in AttentionKernels.available.dropFirst() {
            #expect(try outputs(shape, chunk: 200, kernels: kernels) == expected, "\(kernels.name), chunks")
            #expect(try outputs(shape, chunk: 1, kernels: kernels) == expected, "\(kernels.name), tokens")
        }
    }

    @Test func everyKernelTableHasItsAttention() {
        for table in KernelTable.available { #expect(AttentionKernels(table) != nil, "\(table.name)") }
        #expect(AttentionKernels.available.first?.name == "scalar")
    }

    @Test(arguments: [1, 30])
    func batchMatesDoNotMatter(chunk: Int) throws {
        let shape = Self.shapes[1]
        let pool = PagePool()
        let driver = Driver(shape, workerCount: 2)
        // Eight sequences of different lengths, which advance together while they last.
        let sequences = (0..<8).map { Token.sequence(40 + $0 * 40, seed: UInt64($0 + 1)) }
        let alone = try sequences.map { tokens in
            try driver.feed(tokens, to: try cache(shape, pool: pool), chunk: chunk)
        }
        let caches = try sequences.map { _ in try cache(shape, pool: pool) }
        var rows = [[[Float]]](repeating: .init(repeating: [], count: shape.retentions.count), count: 8)
        let width = shape.queryHeadCount * shape.valueDimension
        while true {
            let entries = zip(caches, sequences).compactMap { cache, tokens in
                let rest = tokens.dropFirst(cache.tokenCount).prefix(chunk)
                return rest.isEmpty ? nil : (cache: cache, tokens: Array(rest))
            }
            if entries.isEmpty { break }
            for (entry, output) in zip(entries, try driver.pass(entries)) {
                guard let index = caches.firstIndex(where: { $0 === entry.cache }) else { continue }
                for layer in shape.retentions.indices {
                    let count = entry.tokens.count * width
                    rows[index][layer] += output[layer * count..<(layer + 1) * count]
                }
            }
        }
        for index in sequences.indices {
            #expect(rows[index].flatMap { $0 }.bits == alone[index].bits, "sequence \(index)")
        }
    }

    @Test(arguments: [.dynamic, .reserved(tokenCount: 350)] as [Growth])
    func aForkContinuesAsItsOrigin(growth: Growth) throws {
        let shape = Self.shapes[0]
        let driver = Driver(shape, workerCount: 2)
        let tokens = Token.sequence(Self.tokenCount)
        let origin = try cache(shape, pool: PagePool(), try CacheConfiguration(growth: growth))
        _ = try driver.feed(Array(tokens[..<133]), to: origin, chunk: 100)
        let fork = try origin.fork()
        // The origin goes another way first: the fork must not notice.
        _ = try driver.feed(Token.sequence(200, seed: 77), to: origin, chunk: 9)
        let continued = try driver.feed(Array(tokens[133...]), to: fork, chunk: 50)
        let whole = try SequenceCache(CacheConfiguration(), layers: shape.layers, pool: PagePool())
        _ = try driver.feed(Array(tokens[..<133]), to: whole, chunk: 133)
        let expected = try driver.feed(Array(tokens[133...]), to: whole, chunk: 197)
        #expect(continued.bits == expected.bits)
    }

    @Test(arguments: [329, 320, 300, 256, 130, 64, 1, 0])
    func aRewoundCacheContinuesAsOneThatWasNeverLonger(count: Int) throws {
        var shape = Self.shapes[0]
        shape.retentions = [.full, .window(length: 10_000)]
        let driver = Driver(shape, workerCount: 2)
        let tokens = Token.sequence(Self.tokenCount)
        let rewound = try cache(shape, pool: PagePool())
        _ = try driver.feed(tokens, to: rewound, chunk: 512)
        #expect(rewound.truncate(to: count) == .exact)
        let fresh = try cache(shape, pool: PagePool())
        _ = try driver.feed(Array(tokens[..<count]), to: fresh, chunk: 40)
        let other = Token.sequence(150, seed: 5)
        #expect(
            try driver.feed(other, to: rewound, chunk: 33).bits
                == driver.feed(other, to: fresh, chunk: 1).bits)
    }

    private func outputs(
        _ shape: Shape, _ configuration: CacheConfiguration? = nil, chunk: Int, workerCount: Int = 1,
        kernels: AttentionKernels = .best
    ) throws -> [UInt32] {
        let cache = try cache(shape, pool: PagePool(), configuration)
        return try Driver(shape, workerCount: workerCount, kernels: kernels)
            .feed(Token.sequence(Self.tokenCount), to: cache, chunk: chunk).bits
    }

    private func cache(
        _ shape: Shape, pool: PagePool, _ configuration: CacheConfiguration? = nil
    ) throws -> SequenceCache {
        try SequenceCache(configuration ?? CacheConfiguration(), layers: shape.layers, pool: pool)
    }
}
