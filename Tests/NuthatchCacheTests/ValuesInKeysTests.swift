import NuthatchCache
import NuthatchTensors
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Values that are the first columns of their keys are held once, and read as if they had a plane of their own.
@Suite struct ValuesInKeysTests {
    static let shapes: [Shape] = [
        // Rows that share a widened page and rows that don't; panels that are full and one that is not.
        Shape(
            queryHeadCount: 16, kvHeadCount: 1, keyDimension: 40, valueDimension: 32, values: .firstKeyColumns
        ),
        Shape(
            queryHeadCount: 6, kvHeadCount: 2, keyDimension: 21, valueDimension: 18, values: .firstKeyColumns),
        Shape(
            queryHeadCount: 3, kvHeadCount: 1, keyDimension: 7, valueDimension: 7, values: .firstKeyColumns),
        // DeepSeek-V2-Lite's.
        Shape(
            queryHeadCount: 16, kvHeadCount: 1, keyDimension: 576, valueDimension: 512,
            values: .firstKeyColumns),
    ]

    @Test(arguments: shapes, Storage.exactCases)
    func outputsAreThoseOfAPlaneOfValues(shape: Shape, storage: Storage) throws {
        let isLarge = shape.keyDimension > 100
        let count = isLarge ? 20 : 200
        var shape = shape
        shape.retentions = [
            .full, .window(length: 40), .sinks(count: 4, window: 20, positions: .trueDistance),
        ]
        var twin = shape
        twin.values = .ownPlane
        let configuration = try CacheConfiguration(keyStorage: storage, valueStorage: storage)
        let tokens = Token.sequence(count)
        for kernels in isLarge ? [.best] : AttentionKernels.available {
            for chunk in isLarge ? [count] : [1, 33, count] {
                let outputs = try [shape, twin].map { shape in
                    // The twin's values are the same numbers, in a plane of their own.
                    let driver = Driver(shape, kernels: kernels)
                    driver.valueShape = Self.shared(shape)
                    let cache = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
                    return try driver.feed(tokens, to: cache, chunk: chunk)
                }
                #expect(outputs[0].bits == outputs[1].bits, "\(kernels.name), chunks of \(chunk)")
            }
        }
    }

    private static func shared(_ shape: Shape) -> Shape {
        var shape = shape
        shape.values = .firstKeyColumns
        return shape
    }

    @Test(arguments: StoragePair.alike)
    func everyInstructionSetGivesTheSameBits(storage: StoragePair) throws {
        let shape = Holding(storage: storage, values: .firstKeyColumns).shape([.full, .window(length: 100)])
        let outputs = try AttentionKernels.available.map { kernels in
            let cache = try SequenceCache(
                try storage.configuration(), layers: shape.layers, pool: PagePool())
            return try Driver(shape, kernels: kernels).feed(Token.sequence(200), to: cache, chunk: 30).bits
        }
        for other in outputs.dropFirst() { #expect(other == outputs[0]) }
    }

    /// Codes of keys are multiplied by integers of 15 bits, codes of values by none: the same numbers but for that.
    @Test(arguments: StoragePair.alike)
    func outputsAreThoseOfWhatIsRead(storage: StoragePair) throws {
        let shape = Holding(storage: storage, values: .firstKeyColumns).shape([.full])
        let cache = try SequenceCache(try storage.configuration(), layers: shape.layers, pool: PagePool())
        let tokens = Token.sequence(200)
        let outputs = try Driver(shape).feed(tokens, to: cache, chunk: 200)
        let contents = try cache.read(layer: 0)
        let width = shape.queryHeadCount * shape.valueDimension
        let exact = NaiveAttention<Float>(
            shape: shape, exponential: expf, hyperbolicTangent: tanhf
        ).outputs(tokens, layer: 0, contents: contents, from: tokens.count - 1)
        for (ours, expected) in zip(outputs.suffix(width), exact) {
            #expect(abs(ours - expected) < 1e-3)
        }
    }

    @Test(arguments: StoragePair.alike)
    func valuesAreReadAndWrittenAsTheFirstColumnsOfKeys(storage: StoragePair) throws {
        let shape = Holding(storage: storage, values: .firstKeyColumns).shape([.full])
        let configuration = try storage.configuration()
        let cache = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
        _ = try Driver(shape).feed(Token.sequence(150), to: cache, chunk: 64)
        let contents = try cache.read(layer: 0)
        let rows = contents.keys.count / shape.keyDimension
        let columns = (0..<rows).flatMap {
            contents.keys[($0 * shape.keyDimension)...].prefix(shape.valueDimension)
        }
        #expect(contents.values.bits == columns.bits)

        let copy = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
        let workspace = AttentionWorkspace(queryHeadCount: shape.queryHeadCount)
        let workers = WorkerPool(workerCount: 1)
        try copy.append([contents], tokens: Array(0..<150), workspace: workspace, pool: workers)
        let copied = try copy.read(layer: 0)
        #expect(copied.values.count == contents.values.count)
        if configuration == (try StoragePair.exact.configuration()) { #expect(copied == contents) }

        var values = contents.values
        values[values.count - 1] += 1
        let other = SequenceCache.LayerContents(
            positions: contents.positions, keys: contents.keys, values: values)
        let fresh = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
        #expect(
            throws: CacheError.invalidContents(
                reason:
                    "Layer 0 holds its values as the first columns of its keys, and has values that are not.")
        ) {
            try fresh.append([other], tokens: Array(0..<150), workspace: workspace, pool: workers)
        }
        #expect(fresh.tokenCount == 0)
    }

    /// DeepSeek-V3: a latent of 512 and a key of 64 that turns.
    @Test func aLatentTakes576NumbersNot1088() throws {
        func plan(_ values: LayerGeometry.ValuePlace) throws -> CachePlan {
            try CachePlan(
                CacheConfiguration(),
                layers: Array(
                    repeating: LayerGeometry(
                        kvHeadCount: 1, keyDimension: 576, valueDimension: 512, values: values,
                        retention: .full), count: 61))
        }
        #expect(try plan(.ownPlane).bytesPerToken == 61 * 1_088 * 2)
        #expect(try plan(.firstKeyColumns).bytesPerToken == 61 * 576 * 2)
        let layout = try plan(.firstKeyColumns).layers[0].sealedLayout
        #expect(layout.bitsPerValue == 16)
        #expect(layout.valueCount == 64 * 576)
    }

    @Test func whatSaturatesIsCountedOnce() throws {
        let shape = Shape(
            queryHeadCount: 2, kvHeadCount: 1, keyDimension: 20, valueDimension: 12, values: .firstKeyColumns)
        let cache = try SequenceCache(CacheConfiguration(), layers: shape.layers, pool: PagePool())
        try Driver(shape).append([Token(seed: 0, constant: 1e6)], to: cache)
        #expect(cache.saturatedCounts.keys == 20)
        #expect(cache.saturatedCounts.values == 0)
    }

    @Test func whatDiffersFromTheKeysIsRefused() throws {
        let held = "Layer 0 holds its values once, as the first columns of its keys"
        let bytes = Storage.quantized(try Quantization(bitCount: 8, axis: .channel))
        let tokens = Storage.quantized(try Quantization(bitCount: 8, axis: .token))
        let both = "Rotate both or neither (--kv-rotate both, --kv-rotate none)."
        let alike =
            "Ask for the same storage of both (--kv-keys, --kv-values), and where you say how codes are made, for the "
            + "same of both (--kv-axis-keys, --kv-axis-values, --kv-group)."
        try expectRefusal(
            try CacheConfiguration(keyStorage: .f16, valueStorage: bytes),
            "\(held); they can't be held as q8 (method affine, axis channel, group 64) where keys are held as f16.",
            alike)
        try expectRefusal(
            try CacheConfiguration(keyStorage: bytes, valueStorage: tokens),
            "\(held); they can't be held as q8 (method affine, axis token, group 64) where keys are held as "
                + "q8 (method affine, axis channel, group 64).", alike)
        try expectRefusal(
            try CacheConfiguration(rotation: .keys), "\(held); keys alone can't be held rotated.", both)
        try expectRefusal(
            try CacheConfiguration(rotation: .values), "\(held); values alone can't be held rotated.", both)
        try expectRefusal(
            try CacheConfiguration(rotation: [.keys, .values]),
            "\(held). Keys of 24 dimensions are rotated in blocks of 8, which the first 20 don't fill.",
            "Hold them as they are (--kv-rotate none).")
    }

    private func expectRefusal(
        _ configuration: CacheConfiguration, _ reason: String, _ remedy: String
    ) throws {
        let layer = LayerGeometry(
            kvHeadCount: 1, keyDimension: 24, valueDimension: 20, values: .firstKeyColumns, retention: .full)
        #expect(throws: CacheError.invalidConfiguration(reason: reason, remedy: remedy)) {
            try CachePlan(configuration, layers: [layer])
        }
    }

    @Test func moreValuesThanKeysAreRefused() throws {
        let layer = LayerGeometry(
            kvHeadCount: 1, keyDimension: 16, valueDimension: 20, values: .firstKeyColumns, retention: .full)
        #expect(
            throws: CacheError.invalidConfiguration(
                reason: "Layer 0 has values of 20 dimensions as the first of its keys, which have 16.",
                remedy: "Check the model's configuration; its file may be damaged.")
        ) { try CachePlan(CacheConfiguration(), layers: [layer]) }
    }
}
