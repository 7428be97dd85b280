import Foundation
import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import Synchronization
import Testing

@Suite struct PerplexityTests {
    /// Two layers, a context of 256, tokens that are bytes.
    private struct Tiny {
        let directory: TemporaryDirectory
        let model: LanguageModel

        init(addsBeginning: Bool = false) async throws {
            let tiny = TinyLlama(
                maxPositions: 256, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize)
            directory = try tiny.write()
            try TinyTokenizer.write(to: directory, addsBeginning: addsBeginning)
            model = try await LanguageModel.load(at: directory.path, options: LoadOptions(threadCount: 3))
        }

        func figures(
            _ tokens: [TokenID], _ cache: CacheOptions = .default, context: Int = 100
        ) async throws -> Perplexity.Figures {
            try await Perplexity(model: model, cache: cache, tokens: tokens, contextLength: context)
                .run { _ in }
        }
    }

    private static func tokens(_ count: Int) -> [TokenID] {
        var generator = NuthatchTestSupport.SeededGenerator(seed: 5)
        return (0..<count).map { _ in TokenID.random(in: 0..<256, using: &generator) }
    }

    private static let exact = try? CacheOptions(keys: .f32, values: .f32)

    @Test func theDivergenceIsThatOfTheDefinition() throws {
        var generator = NuthatchTestSupport.SeededGenerator(seed: 3)
        let (rowCount, width) = (7, 50)
        var reference = (0..<rowCount * width).map { _ in 4 * generator.normal() }
        var logits = reference.map { $0 + 0.3 * generator.normal() }
        // One row with the same numbers, one that is shifted, which a softmax does not see.
        for column in 0..<width {
            logits[column] = reference[column]
            logits[width + column] = reference[width + column] + 2
        }
        let next: [TokenID?] = [3, nil, 0, 49, 7, 7, nil]
        let pool = WorkerPool(workerCount: 2)
        let rows = reference.withUnsafeMutableBufferPointer { x in
            logits.withUnsafeMutableBufferPointer { y in
                func view(_ buffer: UnsafeMutableBufferPointer<Float>) -> Rows {
                    Rows(
                        base: buffer.baseAddress.unsafelyUnwrapped, rowCount: rowCount, columnCount: width,
                        stride: width)
                }
                let comparison = LogitComparison(logits: view(y), reference: view(x), next: next)
                pool.run(comparison)
                return comparison.results
            }
        }
        func logSoftmax(_ numbers: ArraySlice<Float>) -> [Double] {
            let sum = numbers.reduce(0) { $0 + exp(Double($1)) }
            return numbers.map { Double($0) - log(sum) }
        }
        for row in 0..<rowCount {
            let p = logSoftmax(reference[row * width..<(row + 1) * width])
            let q = logSoftmax(logits[row * width..<(row + 1) * width])
            var divergence = 0.0
            for (p, q) in zip(p, q) { divergence += exp(p) * (p - q) }
            #expect(abs(rows[row].divergence - divergence) < 1e-12)
            let isSameTop = p.firstIndex(of: p.max() ?? 0) == q.firstIndex(of: q.max() ?? 0)
            #expect(rows[row].isSameTop == isSameTop)
            if let token = next[row] {
                let likelihood = try #require(rows[row].negativeLogLikelihood)
                #expect(abs(likelihood + q[Int(token)]) < 1e-12)
            } else {
                #expect(rows[row].negativeLogLikelihood == nil)
            }
        }
        #expect(rows[0].divergence == 0)
    }

    @Test func thePerplexityIsThatOfTheLogits() async throws {
        let tiny = try await Tiny()
        let tokens = Self.tokens(230)
        let figures = try await tiny.figures(tokens)
        var sum = 0.0
        for start in [0, 100, 200] {
            let window = Array(tokens[start..<min(230, start + 100)])
            let rows = Mutex<[[Float]]>([])
            try await tiny.model.logits(of: window) { _, row in rows.withLock { $0.append(Array(row)) } }
            for (row, next) in zip(rows.withLock { $0 }, window.dropFirst()) {
                let total = row.reduce(0) { $0 + exp(Double($1)) }
                sum += log(total) - Double(row[Int(next)])
            }
        }
        #expect(figures.windowCount == 3)
        #expect(figures.positionCount == 230)
        #expect(figures.predictedTokenCount == 227)
        #expect(abs(figures.perplexity / exp(sum / 227) - 1) < 1e-9)
    }

    @Test func theReferenceIsItselfAndHalfFloatsAreNear() async throws {
        let tiny = try await Tiny()
        let tokens = Self.tokens(200)
        let exact = try await tiny.figures(tokens, try #require(Self.exact))
        #expect(exact.cache.meanKLDivergence == 0)
        #expect(exact.cache.top1Agreement == 1)
        // Windows of 100 tokens in two pages of 64, heads of 8 values filled up to 16.
        #expect(exact.bitsPerValue == 32 * 1.5 * 1.28)
        let half = try await tiny.figures(tokens, .halfFloats)
        #expect(half.cache.meanKLDivergence > 0)
        #expect(half.cache.meanKLDivergence < 1e-4)
        #expect(half.bitsPerValue == exact.bitsPerValue / 2)
        // By default the first page is coded: a byte for each of 8 keys and 16 places of values in 64 slots, and regions of
        // 64 bytes for scales and for offsets of either. The second, of 64 * 24 half floats, is not full.
        let codes = try await tiny.figures(tokens)
        #expect(codes.cache.meanKLDivergence > half.cache.meanKLDivergence)
        let byteCount = 64 * 24 + 4 * 64 + 64 * 24 * 2
        #expect(codes.bitsPerValue == Double(8 * byteCount) / 1600)
        // What a window forgets is far off.
        let window = try await tiny.figures(
            tokens, CacheOptions(keys: .f32, values: .f32, retention: .window(length: 4)))
        #expect(window.cache.meanKLDivergence > 100 * half.cache.meanKLDivergence)
        // A reservation changes no bits.
        let reserved = try await tiny.figures(
            tokens, CacheOptions(keys: .f16, values: .f16, growth: .reserved(tokenCount: 100)))
        #expect(reserved.cache.meanKLDivergence == half.cache.meanKLDivergence)
        #expect(reserved.perplexity == half.perplexity)
    }

    @Test func whatComputingCostsStandsBesideWhatTheCacheCosts() async throws {
        let tiny = try await Tiny()
        let coarse = try await LanguageModel.load(
            at: tiny.directory.path, options: LoadOptions(threadCount: 2, weights: .q8))
        let tokens = Self.tokens(200)
        let cache = try CacheOptions(keys: .q8, values: .q8)
        let figures = try await Perplexity(
            model: coarse, exact: tiny.model, cache: cache, tokens: tokens, contextLength: 100
        ).run { _ in }
        // The cache's cost is that of float weights, whatever the model computes in.
        let floats = try await tiny.figures(tokens, cache)
        #expect(figures.cache == floats.cache)
        #expect(figures.referencePerplexity == floats.referencePerplexity)
        #expect(floats.computing == nil && floats.both == nil)
        let exact = try #require(Self.exact)
        let alone = try await Perplexity(
            model: coarse, exact: tiny.model, cache: exact, tokens: tokens, contextLength: 100
        ).run { _ in }
        #expect(alone.cache == Perplexity.Distance())
        #expect(alone.computing == figures.computing)
        #expect(alone.both == alone.computing)
        let (computing, both) = (try #require(figures.computing), try #require(figures.both))
        #expect(computing.meanKLDivergence > 10 * figures.cache.meanKLDivergence)
        #expect(both.meanKLDivergence != computing.meanKLDivergence)
    }

    @Test func sinksAreMeasuredBeyondTheContextAgainstFloatsKeptAlike() async throws {
        let tiny = try await Tiny()
        let tokens = Self.tokens(1_000)
        let retention = CacheOptions.Retention.sinks(count: 4, window: 60, positions: .inCache)
        let figures = try await tiny.figures(
            tokens, CacheOptions(keys: .f16, values: .f16, retention: retention), context: 1_000)
        #expect(figures.windowCount == 1 && figures.positionCount == 1_000)
        #expect(figures.cache.meanKLDivergence > 0 && figures.cache.meanKLDivergence < 1e-4)
        let codes = try await tiny.figures(tokens, CacheOptions(retention: retention), context: 1_000)
        #expect(codes.cache.meanKLDivergence > figures.cache.meanKLDivergence)
        #expect(figures.stretchLength == 63 && figures.perplexityByPosition.count == 16)
        await #expect(throws: NuthatchError.self) {
            try await tiny.figures(tokens, CacheOptions(retention: .window(length: 64)), context: 1_000)
        }
        // Unless it is to be seen failing.
        var options = try LoadOptions(threadCount: 2, contextLength: 1_000)
        options.reachesBeyondContext = true
        let beyond = try await LanguageModel.load(at: tiny.directory.path, options: options)
        let window = try await Perplexity(
            model: beyond, cache: CacheOptions(retention: .window(length: 64)), tokens: tokens,
            contextLength: 1_000
        ).run { _ in }
        #expect(window.positionCount == 1_000)
    }

    @Test func aBeginningOfSequenceStartsEveryWindow() async throws {
        let tiny = try await Tiny(addsBeginning: true)
        let tokens = Self.tokens(200)
        let figures = try await tiny.figures(tokens)
        // 99 + 99 + 2 tokens of the text.
        #expect(figures.windowCount == 3)
        #expect(figures.positionCount == 203)
        #expect(figures.predictedTokenCount == 200)
    }

    @Test func aSingleTokenAtTheEndIsLeftOut() async throws {
        let figures = try await Tiny().figures(Self.tokens(101))
        #expect(figures.windowCount == 1)
        #expect(figures.positionCount == 100)
    }

    @Test func whatCannotBeMeasuredIsRefused() async throws {
        let tiny = try await Tiny()
        for context in [1, 257] {
            await #expect(throws: NuthatchError.self) {
                try await tiny.figures(Self.tokens(10), context: context)
            }
        }
        do {
            _ = try await tiny.figures(Self.tokens(1))
            Issue.record("one token was measured")
        } catch let error as NuthatchError {
            #expect(
                error.description == "The text has 1 token; nothing can be predicted. Give a longer text.")
        }
    }
}
