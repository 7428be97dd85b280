import NuthatchCache
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Random sources begun, filled, left and replaced, decoding, rewinds, forks and resets, on several pairs that share
/// pages, against naive twins.
@Suite struct PairVerbsTests {
    private struct Twin {
        /// As far as it was filled.
        var source: NaiveTwin
        var isComplete = false
        var target: NaiveTwin
    }

    private let shape = Shape(
        queryHeadCount: 4, kvHeadCount: 2, keyDimension: 3, valueDimension: 2, retentions: [.full, .full])

    @Test(arguments: 0..<40)
    func pairsAreTheirTwins(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed) &* 15_487_469)
        let growth: Growth = seed % 2 == 0 ? .dynamic : .reserved(tokenCount: 120)
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: growth, pageLength: 16, chunkLength: 50)
        let pool = PagePool(byteBudget: seed % 4 < 2 ? nil : growth == .dynamic ? 40_000 : 150_000)
        let driver = PairDriver(shape)
        var pairs: [(cache: EncoderDecoderCache, twin: Twin)] = []
        for step in 0..<100 {
            if pairs.isEmpty {
                let cache = try EncoderDecoderCache(
                    configuration, targetLayers: shape.layers, sourceLayers: shape.layers,
                    sourceCapacity: 90, pool: pool)
                let empty = NaiveTwin(shape, configuration: configuration)
                pairs.append((cache, Twin(source: empty, target: empty)))
            }
            let chosen = Int.random(in: pairs.indices, using: &generator)
            var (cache, twin) = pairs[chosen]
            switch Int.random(in: 0..<12, using: &generator) {
            case 0, 1:
                try fill(cache, &twin, driver, step, &generator)
            case 2..<7:
                try decode(cache, &twin, driver, step, &generator)
            case 7, 8:
                let count = Int.random(in: 0...twin.target.tokens.count, using: &generator)
                #expect(cache.truncate(to: count) == twin.target.truncate(to: count))
            case 9, 10:
                guard pairs.count < 5, let fork = try? cache.fork() else { break }
                pairs.append((fork, twin))
            default:
                if Bool.random(using: &generator) {
                    pairs.remove(at: chosen)
                    continue
                }
                cache.reset()
                twin.source.reset()
                twin.target.reset()
                twin.isComplete = false
            }
            pairs[chosen] = (cache, twin)
            for pair in pairs { try expectEqual(pair.cache, pair.twin, step) }
            var census = PageCensus()
            for pair in pairs { pair.cache.count(in: &census) }
            #expect(census.byteCount == pool.usage.live, "step \(step)")
        }
        pairs = []
        #expect(pool.usage.live == 0)
    }

    /// A new source; sometimes it is given up halfway.
    private func fill(
        _ cache: EncoderDecoderCache, _ twin: inout Twin, _ driver: PairDriver, _ step: Int,
        _ generator: inout SeededGenerator
    ) throws {
        let source = Token.sequence(Int.random(in: 1...90, using: &generator), seed: UInt64(step + 1_000))
        let kept = Int.random(in: 0..<4, using: &generator) == 0 ? source.count / 2 : source.count
        do {
            try cache.beginSource(tokenCount: source.count)
            twin.source.reset()
            twin.target.reset()
            twin.isComplete = false
            for start in stride(from: 0, to: kept, by: 40) {
                let part = Array(source[start..<min(start + 40, kept)])
                try driver.append(part, from: start, to: cache)
                twin.source.append(part)
            }
            if kept == source.count {
                try cache.endSource()
                twin.isComplete = true
            }
        } catch let error as CacheError {
            guard case .outOfMemory = error else { throw error }
        }
    }

    private func decode(
        _ cache: EncoderDecoderCache, _ twin: inout Twin, _ driver: PairDriver, _ step: Int,
        _ generator: inout SeededGenerator
    ) throws {
        let tokens = Token.sequence(Int.random(in: 1...30, using: &generator), seed: UInt64(step + 1))
        do {
            let output = try driver.pass([(cache, tokens)])[0]
            twin.target.append(tokens)
            #expect(twin.isComplete, "step \(step)")
            let width = shape.queryHeadCount * shape.valueDimension
            for layer in shape.retentions.indices {
                let row = ((layer + 1) * tokens.count - 1) * width
                for (ours, expected) in zip(output[row..<row + width], expected(twin, layer: layer)) {
                    #expect(abs(Double(ours) - expected) < 1e-5, "step \(step), layer \(layer)")
                }
            }
        } catch let error as CacheError {
            switch error {
            case .outOfMemory, .full: break
            case .incompleteSource: #expect(!twin.isComplete, "step \(step)")
            default: throw error
            }
        }
    }

    /// The last token's attention to the whole source.
    private func expected(_ twin: Twin, layer: Int) -> [Double] {
        let position = twin.target.tokens.count - 1
        let row = shape.row(.query, twin.target.tokens[position], position: position, layer: layer)
        let contents = twin.source.contents(layer: layer)
        let naive = NaiveAttention<Double>(shape: shape, exponential: exp, hyperbolicTangent: tanh)
        return (0..<shape.queryHeadCount).flatMap { head in
            let query = row[head * shape.keyDimension..<(head + 1) * shape.keyDimension].map(Double.init)
            return naive.output(
                contents.positions.map { ($0, query) },
                kvHead: head / (shape.queryHeadCount / shape.kvHeadCount), contents: contents)
        }
    }

    private func expectEqual(_ cache: EncoderDecoderCache, _ twin: Twin, _ step: Int) throws {
        #expect(cache.sourceTokenCount == (twin.isComplete ? twin.source.tokens.count : nil), "step \(step)")
        #expect(cache.target.tokenCount == twin.target.tokens.count, "step \(step)")
        for layer in shape.retentions.indices {
            let target = try cache.target.read(layer: layer)
            #expect(target == twin.target.contents(layer: layer), "step \(step), layer \(layer)")
            guard twin.isComplete else { continue }
            let source = try cache.readSource(layer: layer)
            #expect(source == twin.source.contents(layer: layer), "step \(step), layer \(layer)")
        }
    }
}
