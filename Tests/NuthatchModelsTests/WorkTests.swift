import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// What a pass takes, by arithmetic, is what kernels were given to do.
@Suite struct WorkTests {
    /// Prompts that end within and at pages and blocks, then single tokens.
    private static let chunks = [70, 1, 1, 26, 30, 1, 150, 1]

    private static func configurations() throws -> [CacheConfiguration] {
        let coded = Storage.quantized(
            try Quantization(bitCount: 4, method: .affine, axis: .channel, groupLength: 64))
        return [
            try CacheConfiguration(keyStorage: .f32, valueStorage: .f16, pageLength: 16),
            try CacheConfiguration(retention: .window(length: 40)),
            try CacheConfiguration(retention: .sinks(count: 4, window: 33, positions: .trueDistance)),
            try CacheConfiguration(keyStorage: coded, valueStorage: coded, exactSinkCount: 4),
            try CacheConfiguration(keyStorage: coded, valueStorage: .f16, residualLength: 64),
            try CacheConfiguration(
                keyStorage: .f16, valueStorage: .f16, windowStorage: LayerStorage(keys: coded, values: coded)),
        ]
    }

    @Test(arguments: Array(0..<40) as [UInt64])
    func arithmeticIsWhatKernelsCount(seed: UInt64) throws {
        let model = try RandomModel(seed: seed)
        let bench = try Bench(try model.decoder(seed % 2 == 0 ? .f32 : .q8), workerCount: 1 + Int(seed % 3))
        for configuration in try Self.configurations() {
            let cache = try SequenceCache(
                configuration, layers: bench.decoder.layerGeometries, pool: bench.pages)
            var seen = 0
            for count in Self.chunks where seen + count <= 128 || count < 60 {
                if seen + count > 128 { break }
                let before = bench.workers.tally
                _ = try bench.decoder.forward(
                    PassEntry(cache, model.tokens(count: count, seed: seed)[...], logits: .last),
                    workspace: bench.workspace, pool: bench.workers)
                var counted = bench.workers.tally - before
                let expected = bench.decoder.work(rowCount: count, behind: seen, in: cache.plan)
                if bench.decoder.choosesExperts { counted.weightByteCount = expected.weightByteCount }
                #expect(counted == expected, "\(configuration) \(seen) + \(count)")
                seen += count
            }
        }
    }

    @Test func oneTokensWorkIsByHand() throws {
        // Two layers of one kv head and two query heads of 8 dimensions; a hidden size of 16, a feed-forward of 24.
        let directory = try TinyLlama(layerCount: 2).write()
        let bench = try Bench(try Decoder.load(try .open(directory.path), precision: .f32))
        let cache = try bench.cache(.f16)
        _ = try bench.logits([1, 2, 3, 4, 5], into: cache)
        let work = bench.decoder.work(rowCount: 1, behind: 5, in: cache.plan)
        let layer = 16 * (16 + 8 + 8) + 16 * 16 + 3 * 16 * 24
        #expect(work.matrixMultiplyAdds == 2 * layer + 16 * 16)
        #expect(work.attentionMultiplyAdds == 2 * 2 * 6 * (8 + 8))
        #expect(work.cacheWrittenByteCount == 2 * (8 + 8) * 2)
        // Values fill whole vectors of 16.
        #expect(work.cacheReadByteCount == 2 * 6 * (8 + 16) * 2)
    }

    /// Recomputing n tokens for each new one is quadratic in them, going on linear.
    @Test func recomputingIsQuadratic() throws {
        let directory = try TinyLlama(maxPositions: 4096).write()
        let bench = try Bench(try Decoder.load(try .open(directory.path), precision: .f32))
        let plan = try bench.cache(.f32, pageLength: 64).plan
        func sum(_ count: Int, cached: Bool) -> Int {
            (0..<count).reduce(0) { sum, position in
                let work =
                    cached
                    ? bench.decoder.work(rowCount: 1, behind: position, in: plan)
                    : bench.decoder.work(rowCount: position + 1, behind: 0, in: plan)
                return sum + work.matrixMultiplyAdds
            }
        }
        #expect(sum(1000, cached: false) > 300 * sum(1000, cached: true))
        #expect(sum(200, cached: true) == 2 * sum(100, cached: true))
    }
}
