import NuthatchCache
import NuthatchModels
import NuthatchTensors
import Testing

/// Law L1: the logits at a position have the same bits, however they came to be computed.
///
/// The prompt passes every window, several pages and a chunk of 64; pages of 16 slots make many boundaries.
@Suite struct HitEqualsMissTests {
    struct Setting: Sendable, CustomTestStringConvertible {
        let model: GoldenModel
        let precision: WeightPrecision
        let storage: Storage

        var testDescription: String { "\(model.testDescription), weights \(precision), cache \(storage)" }
    }

    static let settings: [Setting] = [
        Setting(model: .named("llama-tied"), precision: .f32, storage: .f32),
        Setting(model: .named("llama-tied"), precision: .q8, storage: .f16),
        Setting(model: .named("llama-tied", .gguf), precision: .native, storage: .bf16),
        Setting(model: .named("llama-longrope"), precision: .f32, storage: .f16),
        Setting(model: .named("mistral-window"), precision: .f32, storage: .f16),
        Setting(model: .named("mistral-window"), precision: .q8, storage: .f32),
        Setting(model: .named("qwen2-tied"), precision: .bf16, storage: .f16),
        Setting(model: .named("qwen3-window"), precision: .q8, storage: .f16),
        Setting(model: .named("gemma3-pattern"), precision: .f32, storage: .f16),
        Setting(model: .named("gemma3-mixed", .gguf), precision: .native, storage: .f16),
        Setting(model: .named("mixtral-window"), precision: .q8, storage: .f16),
        Setting(model: .named("qwen3moe-all", .gguf), precision: .native, storage: .f16),
        Setting(model: .named("qwen3moe-some"), precision: .q8, storage: .f32),
        Setting(model: .named("deepseek2-groups"), precision: .q8, storage: .f16),
        Setting(model: .named("deepseek3-yarn"), precision: .bf16, storage: .f32),
    ]

    static let tokenCount = 150

    private func tokens(_ seed: UInt64, count: Int = tokenCount) -> [TokenID] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return TokenID(state >> 57)
        }
    }

    /// All of it in one pass, alone, on one thread.
    private func expected(_ setting: Setting, _ decoder: Decoder, _ tokens: [TokenID]) throws -> [[UInt32]] {
        let bench = try Bench(decoder, workerCount: 1)
        return bits(try bench.logits(tokens, into: try bench.cache(setting.storage)))
    }

    @Test("Chunks of 1, 7, 64 and 512 on one, two and three threads", arguments: settings)
    func chunksAndThreads(setting: Setting) throws {
        let decoder = try setting.model.decoder(setting.precision)
        let tokens = tokens(1)
        let expected = try expected(setting, decoder, tokens)
        for workerCount in 1...3 {
            let bench = try Bench(decoder, workerCount: workerCount)
            for chunkLength in [1, 7, 64, 512] {
                let logits = try bench.logits(
                    tokens, into: try bench.cache(setting.storage), chunkLength: chunkLength)
                #expect(bits(logits) == expected, "chunks of \(chunkLength) on \(workerCount) threads")
            }
        }
    }

    @Test("Without a cache: everything computed anew at each step", arguments: settings)
    func withoutCache(setting: Setting) throws {
        let decoder = try setting.model.decoder(setting.precision)
        let tokens = tokens(2)
        let expected = try expected(setting, decoder, tokens)
        let bench = try Bench(decoder)
        for end in [1, 2, 15, 16, 17, 33, 64, 65, 100, 149, 150] {
            let fresh = try bench.cache(setting.storage)
            let logits = try bench.prefill(tokens[..<end], into: fresh)
            let row = UnsafeBufferPointer(start: logits[0], count: logits.columnCount)
            #expect(row.map(\.bitPattern) == expected[end - 1], "after \(end) tokens")
        }
    }

    @Test("Alone and among eight", arguments: settings)
    func aloneAndAmongEight(setting: Setting) throws {
        let decoder = try setting.model.decoder(setting.precision)
        let sequences = (0..<8).map { tokens(UInt64(10 + $0), count: 60 + 11 * $0) }
        let expected = try sequences.map { try self.expected(setting, decoder, $0) }
        let bench = try Bench(decoder)
        let caches = try sequences.map { _ in try bench.cache(setting.storage) }
        var logits = Array(repeating: [[Float]](), count: 8)
        // Unlike steps: each sequence feeds from 0 to 12 tokens a pass, until all are done.
        var step = 0
        while zip(sequences, caches).contains(where: { $0.count > $1.tokenCount }) {
            var parts: [(index: Int, tokens: [TokenID])] = []
            for (index, sequence) in sequences.enumerated() {
                let start = caches[index].tokenCount
                let end = min(start + (index * 5 + step * 3) % 13, sequence.count)
                if end > start { parts.append((index, Array(sequence[start..<end]))) }
            }
            step += 1
            guard !parts.isEmpty else { continue }
            let results = try bench.logits(parts.map { ($0.tokens, caches[$0.index]) })
            for (part, result) in zip(parts, results) { logits[part.index] += result }
        }
        for index in 0..<8 { #expect(bits(logits[index]) == expected[index], "sequence \(index)") }
    }

    @Test("Before and after a fork, in both branches", arguments: settings)
    func fork(setting: Setting) throws {
        let decoder = try setting.model.decoder(setting.precision)
        let trunk = tokens(3, count: 90)
        let branches = [trunk + tokens(4, count: 40), trunk + tokens(5, count: 40)]
        let bench = try Bench(decoder)
        let cache = try bench.cache(setting.storage)
        _ = try bench.logits(trunk, into: cache, chunkLength: 7)
        let fork = try cache.fork()
        // Turn by turn, so that a page wrongly shared would show.
        var logits: [[[Float]]] = [[], []]
        for start in stride(from: 90, to: 130, by: 5) {
            for (index, branch) in [cache, fork].enumerated() {
                logits[index] += try bench.logits(Array(branches[index][start..<start + 5]), into: branch)
            }
        }
        for index in 0..<2 {
            let expected = try expected(setting, decoder, branches[index])
            #expect(bits(logits[index]) == Array(expected[90...]), "branch \(index)")
        }
    }

    @Test("After a rewind, along another path", arguments: settings)
    func rewind(setting: Setting) throws {
        let decoder = try setting.model.decoder(setting.precision)
        let first = tokens(6)
        let bench = try Bench(decoder)
        for kept in [149, 140, 97, 96, 64, 1, 0] {
            let second = Array(first[..<kept]) + tokens(7, count: 30)
            let cache = try bench.cache(setting.storage)
            _ = try bench.logits(first, into: cache, chunkLength: 64)
            switch cache.truncate(to: kept) {
            case .exact: #expect(cache.tokenCount == kept)
            case .recompute(let start): #expect(cache.tokenCount == start)
            }
            let start = cache.tokenCount
            let logits = try bench.logits(Array(second[start...]), into: cache)
            let expected = try expected(setting, decoder, second)
            #expect(bits(logits) == Array(expected[start...]), "kept \(kept)")
        }
    }
}
