import NuthatchCache
import Testing

/// Numbers go into a page by rounding to nearest even, saturate, and come out as they are held, with every
/// table.
@Suite struct StorageTests {
    @Test(arguments: ExactStorage.allCases)
    func numbersOfTheFormatComeBackUnchanged(storage: ExactStorage) throws {
        let numbers: [Float] =
            switch storage {
            case .f32:
                [0, -0.0, 1, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity]
            case .bf16: stride(from: UInt32(0), through: 0xFFFF, by: 7).map { Float(bitPattern: $0 << 16) }
            case .f16: (UInt16(0)...0xFFFF).filter { $0 % 5 == 0 }.map(Self.float(half:))
            }
        for kernels in AttentionKernels.available {
            let held = try hold(numbers, .exact(storage), kernels)
            for (number, held) in zip(numbers, held) {
                #expect(number.isNaN ? held.isNaN : held.bitPattern == number.bitPattern, "\(number)")
            }
        }
    }

    @Test func halvesRoundToNearestEvenAndSaturate() throws {
        let cases: [(Float, Float)] = [
            (0x1.002p0, 1), (0x1.006p0, 0x1.008p0), (0x1.003p0, 0x1.004p0), (-0x1.002p0, -1),
            (0x1p-24, 0x1p-24), (0x1p-25, 0), (0x1.8p-25, 0x1p-24), (0x1.8p-24, 0x1p-23), (-0x1p-26, -0.0),
            (0x1.ff8p-15, 0x1.ff8p-15), (0x1.ffcp-15, 0x1p-14), (0x1.ff4p-15, 0x1.ffp-15),
            (65_504, 65_504), (65_519, 65_504), (65_520, 65_504), (1e9, 65_504), (-1e30, -65_504),
            (.infinity, .infinity), (-.infinity, -.infinity),
        ]
        try expect(cases, .f16)
    }

    @Test func bfloatsRoundToNearestEvenAndSaturate() throws {
        let cases: [(Float, Float)] = [
            (0x1.01p0, 1), (0x1.03p0, 0x1.04p0), (0x1.0101p0, 0x1.02p0), (-0x1.01p0, -1),
            (.greatestFiniteMagnitude, 0x1.fep127), (-.greatestFiniteMagnitude, -0x1.fep127),
            (.infinity, .infinity), (.leastNonzeroMagnitude, 0),
        ]
        try expect(cases, .bf16)
    }

    @Test(arguments: [Storage.f16, .bf16])
    func everyTableRoundsAlike(storage: Storage) throws {
        var generator = SeededGenerator(state: 4)
        let numbers = (0..<20_000).map { _ in
            Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
        }
        let expected = try hold(numbers, storage, AttentionKernels.available[0])
        for kernels in AttentionKernels.available.dropFirst() {
            let held = try hold(numbers, storage, kernels)
            for (held, expected) in zip(held, expected) {
                #expect(held.bitPattern == expected.bitPattern || (held.isNaN && expected.isNaN))
            }
        }
    }

    @Test(arguments: [
        (Storage.f16, [65_504, 65_505, -65_504, -70_000, 1e9, 0, .infinity, -.infinity, .nan, -1e30], 4),
        (.bf16, [1e9, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0x1.fep127, .infinity, .nan], 2),
        (.f32, [.greatestFiniteMagnitude, 1e9, .infinity], 0),
    ])
    func whatSaturatesIsCounted(storage: Storage, numbers: [Float], count: Int) throws {
        let shape = Shape(
            queryHeadCount: 2, kvHeadCount: 2, keyDimension: 19, valueDimension: 5,
            retentions: [.full, .window(length: 2)])
        let tokens = numbers.map { Token(seed: 0, constant: $0) }
        for kernels in AttentionKernels.available {
            let configuration = try CacheConfiguration(keyStorage: storage, valueStorage: storage)
            let cache = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
            let driver = Driver(shape, kernels: kernels)
            try driver.append(tokens, to: cache)
            for layer in cache.report {
                #expect(layer.saturatedKeyCount == count * 2 * 19, "\(kernels.name)")
                #expect(layer.saturatedValueCount == count * 2 * 5, "\(kernels.name)")
            }
            let fork = try cache.fork()
            #expect(fork.saturatedCounts.keys == cache.saturatedCounts.keys)
            try driver.append(tokens, to: fork)
            #expect(fork.saturatedCounts.keys == 2 * cache.saturatedCounts.keys)
            fork.reset()
            #expect(fork.saturatedCounts.keys == 0 && fork.saturatedCounts.values == 0)
            #expect(cache.saturatedCounts.keys == count * 2 * 2 * 19)
        }
    }

    /// What is to be quantised lies in half floats first.
    @Test func whatSaturatesBeforeItIsCodedIsCounted() throws {
        let shape = Shape(
            queryHeadCount: 1, kvHeadCount: 1, keyDimension: 32, valueDimension: 32, retentions: [.full])
        let cache = try SequenceCache(
            try CacheConfiguration(
                keyStorage: .quantized(Quantization(bitCount: 4, axis: .token, groupLength: 32)),
                valueStorage: .bf16),
            layers: shape.layers, pool: PagePool())
        try Driver(shape).append([Token(seed: 0, constant: 1e6)], to: cache)
        #expect(cache.saturatedCounts.keys == 32 && cache.saturatedCounts.values == 0)
    }

    private func expect(_ cases: [(Float, Float)], _ storage: Storage) throws {
        for kernels in AttentionKernels.available {
            let held = try hold(cases.map(\.0), storage, kernels)
            for ((number, expected), held) in zip(cases, held) {
                #expect(held.bitPattern == expected.bitPattern, "\(number) with \(kernels.name)")
            }
        }
    }

    /// Each number as the keys and values of a token, and what the cache then says it holds.
    private func hold(_ numbers: [Float], _ storage: Storage, _ kernels: AttentionKernels) throws -> [Float] {
        let shape = Shape(
            queryHeadCount: 1, kvHeadCount: 1, keyDimension: 3, valueDimension: 2, retentions: [.full])
        let configuration = try CacheConfiguration(keyStorage: storage, valueStorage: storage)
        let cache = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
        let tokens = numbers.map { Token(seed: 0, constant: $0) }
        try Driver(shape, kernels: kernels).append(tokens, to: cache)
        let contents = try cache.read(layer: 0)
        let fromKeys = stride(from: 0, to: contents.keys.count, by: 3).map { contents.keys[$0 + $0 / 3 % 3] }
        let fromValues = stride(from: 0, to: contents.values.count, by: 2).map {
            contents.values[$0 + $0 / 2 % 2]
        }
        #expect(fromKeys.bits == fromValues.bits)
        return fromKeys
    }

    /// A half's value by its definition.
    private static func float(half: UInt16) -> Float {
        let fraction = Float(half & 0x3FF)
        let exponent = Int(half >> 10 & 0x1F)
        let magnitude: Float =
            switch exponent {
            case 0: fraction * 0x1p-24
            case 31: fraction == 0 ? .infinity : .nan
            default: Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
            }
        return half >> 15 == 1 ? -magnitude : magnitude
    }
}
