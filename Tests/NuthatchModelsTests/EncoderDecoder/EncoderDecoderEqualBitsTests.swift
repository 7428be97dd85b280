import NuthatchCache
import NuthatchModels
import NuthatchTensors
import Testing

/// Law L1 for encoder-decoders: states and logits have the same bits, however they came to be computed.
@Suite struct EncoderDecoderEqualBitsTests {
    struct Setting: Sendable, CustomTestStringConvertible {
        let model: GoldenEncoderDecoder
        let precision: WeightPrecision
        let storage: Storage

        var testDescription: String { "\(model.name), weights \(precision), cache \(storage)" }
    }

    static let settings: [Setting] = [
        Setting(model: GoldenEncoderDecoder(name: "t5-tied"), precision: .f32, storage: .f32),
        Setting(model: GoldenEncoderDecoder(name: "t5-gated"), precision: .q8, storage: .f16),
        Setting(model: GoldenEncoderDecoder(name: "t5-near"), precision: .bf16, storage: .bf16),
        Setting(model: GoldenEncoderDecoder(name: "bart-plain"), precision: .f32, storage: .f16),
        Setting(model: GoldenEncoderDecoder(name: "bart-scaled"), precision: .q8, storage: .f32),
        Setting(model: GoldenEncoderDecoder(name: "marian-shared"), precision: .native, storage: .f16),
        Setting(model: GoldenEncoderDecoder(name: "marian-separate"), precision: .q8, storage: .f16),
    ]

    private func tokens(_ seed: UInt64, count: Int) -> [TokenID] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // 96 is the smallest vocabulary.
            return TokenID((state >> 33) % 96)
        }
    }

    /// Source and answer in a pass each, alone, on one thread.
    private func expected(
        _ setting: Setting, _ model: EncoderDecoder, _ source: [TokenID], _ answer: [TokenID]
    ) throws -> (states: [[UInt32]], logits: [[UInt32]]) {
        let bench = try EncoderDecoderBench(model, workerCount: 1)
        let cache = try bench.cache(setting.storage)
        let states = try bench.encode([(source, cache)])[0]
        return (bits(states), bits(try bench.logits(answer, into: cache)))
    }

    @Test("Chunks of the answer, and threads", arguments: settings)
    func chunksAndThreads(setting: Setting) throws {
        let model = try setting.model.model(setting.precision)
        let source = tokens(1, count: 140)
        let answer = tokens(2, count: 90)
        let expected = try expected(setting, model, source, answer)
        for workerCount in 1...3 {
            let bench = try EncoderDecoderBench(model, workerCount: workerCount)
            for chunkLength in [1, 7, 64, 512] {
                let cache = try bench.cache(setting.storage)
                #expect(bits(try bench.encode([(source, cache)])[0]) == expected.states)
                let logits = try bench.logits(answer, into: cache, chunkLength: chunkLength)
                #expect(
                    bits(logits) == expected.logits, "chunks of \(chunkLength) on \(workerCount) threads")
            }
        }
    }

    @Test("Without a cache: source and answer computed anew at each step", arguments: settings)
    func withoutCache(setting: Setting) throws {
        let model = try setting.model.model(setting.precision)
        let source = tokens(3, count: 33)
        let answer = tokens(4, count: 40)
        let expected = try expected(setting, model, source, answer).logits
        let bench = try EncoderDecoderBench(model)
        for end in [1, 2, 15, 16, 17, 33, 40] {
            let fresh = try bench.cache(reading: source, setting.storage)
            let logits = try bench.logits(Array(answer[..<end]), into: fresh)
            #expect(bits(logits) == Array(expected[..<end]), "after \(end) tokens")
        }
    }

    @Test("Alone and among six of other lengths", arguments: settings)
    func aloneAndAmongSix(setting: Setting) throws {
        let model = try setting.model.model(setting.precision)
        let sources = [1, 2, 150, 17, 64, 4].enumerated().map { tokens(UInt64($0 + 10), count: $1) }
        let answers = (0..<6).map { tokens(UInt64($0 + 20), count: 5 + 9 * $0) }
        let expected = try zip(sources, answers).map { try self.expected(setting, model, $0, $1) }
        // Sources that fill passes of 512 rows, of 160, and of fewer than the longest takes.
        for maximumRowCount in [512, 160, 60] {
            let bench = try EncoderDecoderBench(model, maximumRowCount: maximumRowCount)
            let caches = try sources.map { _ in try bench.cache(setting.storage) }
            let states = try bench.encode(Array(zip(sources, caches)))
            #expect(states.map(bits) == expected.map(\.states), "\(maximumRowCount) rows")
            var logits = answers.map { _ in [[Float]]() }
            // Unlike steps: each feeds from 0 to 6 tokens a pass, until all are done.
            for step in 0... {
                if zip(answers, caches).allSatisfy({ $0.count == $1.target.tokenCount }) { break }
                var parts: [(index: Int, tokens: [TokenID])] = []
                for (index, answer) in answers.enumerated() {
                    let start = caches[index].target.tokenCount
                    let end = min(start + (index * 5 + step * 3) % 7, answer.count)
                    if end > start { parts.append((index, Array(answer[start..<end]))) }
                }
                guard !parts.isEmpty else { continue }
                let results = try bench.logits(parts.map { ($0.tokens, caches[$0.index]) })
                for (part, result) in zip(parts, results) { logits[part.index] += result }
            }
            #expect(logits.map(bits) == expected.map(\.logits), "\(maximumRowCount) rows")
        }
    }

    @Test("Another source leaves nothing of the one before", arguments: settings)
    func anotherSource(setting: Setting) throws {
        let model = try setting.model.model(setting.precision)
        let bench = try EncoderDecoderBench(model)
        let cache = try bench.cache(setting.storage)
        let answer = tokens(5, count: 20)
        for (index, length) in [80, 150, 3, 64].enumerated() {
            let source = tokens(UInt64(30 + index), count: length)
            try bench.encode([(source, cache)])
            #expect(cache.sourceGeneration == index + 1)
            #expect(cache.target.tokenCount == 0)
            let expected = try expected(setting, model, source, answer)
            #expect(bits(try bench.logits(answer, into: cache)) == expected.logits, "\(length) tokens")
        }
    }

    @Test("Forks share their source and part ways; rewinds follow another path", arguments: settings)
    func forksAndRewinds(setting: Setting) throws {
        let model = try setting.model.model(setting.precision)
        let bench = try EncoderDecoderBench(model)
        let source = tokens(6, count: 70)
        let trunk = tokens(7, count: 21)
        let branches = [trunk + tokens(8, count: 20), trunk + tokens(9, count: 20)]
        let cache = try bench.cache(reading: source, setting.storage)
        _ = try bench.logits(trunk, into: cache)
        let fork = try cache.fork()
        var logits: [[[Float]]] = [[], []]
        for start in stride(from: 21, to: 41, by: 4) {
            for (index, branch) in [cache, fork].enumerated() {
                logits[index] += try bench.logits(
                    Array(branches[index][start..<start + 4]), into: branch)
            }
        }
        for index in 0..<2 {
            let expected = try expected(setting, model, source, branches[index]).logits
            #expect(bits(logits[index]) == Array(expected[21...]), "branch \(index)")
        }
        // The fork takes another source; the first keeps its own.
        let other = tokens(40, count: 90)
        try bench.encode([(other, fork)])
        #expect(
            bits(try bench.logits(trunk, into: fork)) == (try expected(setting, model, other, trunk).logits))
        #expect(cache.truncate(to: 13) == .exact)
        let path = Array(trunk[..<13]) + tokens(41, count: 10)
        #expect(
            bits(try bench.logits(Array(path[13...]), into: cache))
                == Array(try expected(setting, model, source, path).logits[13...]))
    }

    @Test("Windowed and coded caches give the same bits by steps and at once")
    func otherCaches() throws {
        let model = try GoldenEncoderDecoder(name: "t5-gated").model()
        let source = tokens(1, count: 140)
        let answer = tokens(2, count: 90)
        let configurations = [
            try CacheConfiguration(retention: .window(length: 20)),
            try CacheConfiguration(
                keyStorage: .quantized(Quantization(bitCount: 8, axis: .channel, groupLength: 32)),
                valueStorage: .quantized(Quantization(bitCount: 8, axis: .token, groupLength: 32))),
        ]
        let bench = try EncoderDecoderBench(model)
        for configuration in configurations {
            let results = try [1, 90].map { chunkLength in
                let cache = try model.makeCache(configuration, pool: bench.pages)
                try bench.encode([(source, cache)])
                return bits(try bench.logits(answer, into: cache, chunkLength: chunkLength))
            }
            #expect(results[0] == results[1])
        }
    }
}
