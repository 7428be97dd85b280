import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// What sequences of an engine find of each other's: as much as begins alike, where they may share, with the bits that computing
/// it would have given.
@Suite struct SharedPrefixTests {
    private func tokens(_ count: Int, seed: UInt64 = 1) -> [TokenID] {
        var generator = NuthatchGeneration.SeededGenerator(seed: seed)
        return (0..<count).map { _ in TokenID(generator.next() % 256) }
    }

    private func client(
        _ prompt: [TokenID], _ options: CacheOptions = .default, _ sharing: PrefixSharing = .group("a")
    ) -> ScheduledClient {
        ScheduledClient(prompt: prompt, answerLength: 5, options: options, sharing: sharing)
    }

    @Test(
        "In exact pages a hit ends where prompts part, in a page or at its end, and gives the bits of a miss",
        arguments: [1, 2, 3], [-1, 0, 1])
    func exactHits(pageCount: Int, difference: Int) async throws {
        let count = pageCount * 64 + difference
        #expect(try await hit(behind: count, .halfFloats) == count)
    }

    @Test(
        "By default a hit ends with the last whole page that prompts have in common, with the bits of a miss",
        arguments: [1, 2, 3], [-1, 0, 1])
    func hits(pageCount: Int, difference: Int) async throws {
        #expect(
            try await hit(behind: pageCount * 64 + difference, .default)
                == (difference < 0 ? pageCount - 1 : pageCount) * 64)
    }

    /// What is found of a prompt that begins with `count` tokens of another.
    private func hit(behind count: Int, _ options: CacheOptions) async throws -> Int {
        let model = try await TinyModel.llama(maxPositions: 1_000).load()
        let common = tokens(300)
        _ = try await client(common, options).run(model)
        // Behind the last common token another one.
        let prompt = common[..<count] + [common[count] ^ 1] + tokens(30, seed: 2)
        let hit = try await client(prompt, options).run(model)
        #expect(hit.digests == (try await client(prompt, options).alone.run(model)).digests)
        return hit.cachedTokenCount
    }

    @Test(
        "In exact pages all of a prompt but its last token is found again",
        arguments: [64, 65, 127, 128, 129])
    func exactWholePrompts(count: Int) async throws {
        #expect(try await foundAgain(count, .halfFloats) == count - 1)
    }

    @Test(
        "By default all whole pages of a prompt without its last token are found again",
        arguments: [(64, 0), (65, 64), (127, 64), (128, 64), (129, 128)])
    func wholePrompts(count: Int, found: Int) async throws {
        #expect(try await foundAgain(count, .default) == found)
    }

    private func foundAgain(_ count: Int, _ options: CacheOptions) async throws -> Int {
        let model = try await TinyModel.llama(maxPositions: 1_000).load()
        let first = try await client(tokens(count), options).run(model)
        let again = try await client(tokens(count), options).run(model)
        #expect(again.digests == first.digests)
        #expect(first.cachedTokenCount == 0)
        return again.cachedTokenCount
    }

    @Test("Coded and windowed caches find what they keep, with the same bits")
    func kinds() async throws {
        let kinds = [
            try CacheOptions(keys: .q8, values: .q8), try CacheOptions(keys: .q4, values: .q4),
            try CacheOptions(retention: .window(length: 70)),
            try CacheOptions(keys: .f16, values: .f16, retention: .window(length: 70)),
            try CacheOptions(
                keys: .f16, values: .f16,
                retention: .sinks(count: 4, window: 60, positions: .inCache)),
            try CacheOptions(keys: .f16, values: .f16, growth: .reserved(tokenCount: 700)),
            try CacheOptions(retention: .sinks(count: 4, window: 60, positions: .inCache)),
            try CacheOptions(growth: .reserved(tokenCount: 700)),
        ]
        let model = try await TinyModel.llama(maxPositions: 1_000).load()
        let common = tokens(320)
        for (index, options) in kinds.enumerated() {
            // Where the second leaves the first one's pages is found out by the second, and of use to the third.
            for turn in 0..<3 {
                let prompt = common + tokens(40, seed: UInt64(turn + 5))
                let outcome = try await client(prompt, options).run(model)
                let alone = try await client(prompt, options).alone.run(model)
                #expect(outcome.digests == alone.digests, "kind \(index), turn \(turn)")
                if turn == 2 { #expect(outcome.cachedTokenCount == 320, "kind \(index)") }
            }
        }
    }

    @Test("Two groups never share, one does, and a private sequence with nobody")
    func groups() async throws {
        let model = try await TinyModel.llama(maxPositions: 1_000).load()
        let prompt = tokens(200)
        func cached(_ sharing: PrefixSharing, _ options: CacheOptions = .default) async throws -> Int {
            try await client(prompt, options, sharing).run(model).cachedTokenCount
        }
        #expect(try await cached(.group("a")) == 0)
        #expect(try await cached(.group("b")) == 0)
        #expect(try await cached(.private) == 0)
        #expect(try await cached(.private) == 0)
        #expect(try await cached(.group("a")) == 192)
        #expect(try await cached(.group("b")) == 192)
        // Caches kept otherwise hold other numbers.
        #expect(try await cached(.group("a"), try CacheOptions(keys: .f32)) == 0)
        #expect(try await cached(.group("")) == 0)
    }

    @Test("Prompts that begin alike at once are computed once")
    func singleFlight() async throws {
        let model = try await TinyModel.llama(maxPositions: 2_000).load()
        let common = tokens(1_280)
        let outcomes = try await withThrowingTaskGroup(of: ScheduledClient.Outcome.self) { group in
            for index in 0..<8 {
                let client = client(common + tokens(20, seed: UInt64(index + 9)))
                group.addTask { try await client.run(model) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.reduce(0) { $0 + $1.cachedTokenCount } == 7 * 1_280)
    }

    @Test("Where the one that computes is cancelled, those that wait for its pages go on")
    func abandoned() async throws {
        let model = try await TinyModel.llama(maxPositions: 3_000).load()
        let common = tokens(2_500)
        let maker = client(common)
        let first = Task { try await maker.run(model) }
        let waiting = (0..<3).map { index in
            let client = client(common[..<2_000] + tokens(20, seed: UInt64(index + 9)))
            return Task { try await client.run(model) }
        }
        for _ in 0..<20 { await Task.yield() }
        first.cancel()
        for (index, task) in waiting.enumerated() {
            let alone = client(common[..<2_000] + tokens(20, seed: UInt64(index + 9))).alone
            #expect(try await task.value.digests == (try await alone.run(model)).digests)
        }
        _ = await first.result
    }

    @Test(
        "Cached pages go before anything is refused, and what they held is computed again",
        arguments: [CacheOptions.default, .halfFloats])
    func evictions(options: CacheOptions) async throws {
        let tiny = try TinyModel.llama(maxPositions: 1_000)
        let free = try await tiny.load()
        let decoder = try free.requireDecoder(for: "A test")
        let plan = try CachePlan(
            try options.configuration(layers: decoder.layerGeometries, context: decoder.context),
            layers: decoder.layerGeometries)
        let budget = try #require(plan.peakByteCount(contextLength: 900))
        let model = try await tiny.load(kvByteBudget: budget)
        for seed in UInt64(1)...12 {
            let prompt = tokens(400, seed: seed % 4)
            let outcome = try await client(prompt, options).run(model)
            #expect(outcome.digests == (try await client(prompt, options).alone.run(free)).digests)
        }
        let usage = model.engine.pages.usage
        #expect(usage.peak <= budget)
        #expect(usage.cached > 0)
        #expect(model.engine.prefixes.store.usage.evictionCount > 0)
    }
}
