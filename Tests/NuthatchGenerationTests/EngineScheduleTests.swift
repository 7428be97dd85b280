import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Sequences that share steps, memory and threads, in schedules from seeds: whatever happens to the others, each has the
/// bits that it has alone (laws L1 and L9).
@Suite struct EngineScheduleTests {
    /// What one client does, decided before anything runs.
    private struct Client: Sendable {
        let prompt: [TokenID]
        let answerLength: Int
        let options: CacheOptions
        /// Steps after which its task is cancelled; nil lets it end.
        let cancelledAfter: Int?
        /// Whether its choice of a token fails in the middle.
        let fails: Bool
    }

    private struct Failure: Error {}

    private static func options() throws -> [CacheOptions] {
        [
            .default, try CacheOptions(keys: .f32, values: .f32), try CacheOptions(keys: .q8, values: .q8),
            try CacheOptions(keys: .q4, values: .q4), try CacheOptions(retention: .window(length: 40)),
            try CacheOptions(retention: .sinks(count: 4, window: 60, positions: .inCache)),
        ]
    }

    private func clients(seed: UInt64, count: Int, disturbs: Bool) throws -> [Client] {
        var generator = NuthatchGeneration.SeededGenerator(seed: seed)
        func below(_ limit: Int) -> Int { Int(generator.next() % UInt64(limit)) }
        let options = try Self.options()
        return (0..<count).map { _ in
            let length = [1, below(8) + 1, 63, 64, 65, below(300) + 1][below(6)]
            return Client(
                prompt: (0..<length).map { _ in TokenID(below(256)) }, answerLength: 1 + below(30),
                options: options[below(options.count)],
                cancelledAfter: disturbs && below(4) == 0 ? below(12) : nil,
                fails: disturbs && below(6) == 0)
        }
    }

    /// The bits of the logits behind each token.
    private static func run(_ client: Client, _ model: LanguageModel) async throws -> [UInt64] {
        let sequence = try CachedSequence(model: model, cache: client.options)
        var digests: [UInt64] = []
        try await sequence.generate(behind: client.prompt[...]) { logits in
            var digest: UInt64 = 0xCBF2_9CE4_8422_2325
            var (best, token) = (-Float.infinity, 0)
            for column in 0..<logits.columnCount {
                let logit = logits[0][column]
                digest = (digest ^ UInt64(logit.bitPattern)) &* 0x100_0000_01B3
                if logit > best { (best, token) = (logit, column) }
            }
            digests.append(digest)
            if client.fails, digests.count == client.answerLength / 2 + 1 { throw Failure() }
            return digests.count < client.answerLength ? TokenID(token) : nil
        }
        return digests
    }

    private func model(kvByteBudget: Int? = nil) async throws -> LanguageModel {
        let tiny = try TinyModel.llama(maxPositions: 1_000)
        guard let kvByteBudget else { return try await tiny.load() }
        let large = 1 << 28
        let first = try await LanguageModel.load(
            at: tiny.path, options: LoadOptions(threadCount: 1, memoryBudget: large))
        let own = large - (try #require(first.engine.kvByteBudget))
        return try await LanguageModel.load(
            at: tiny.path, options: LoadOptions(threadCount: 1, memoryBudget: own + kvByteBudget))
    }

    @Test("Whoever shares steps has the bits that it has alone", arguments: UInt64(1)...40)
    func together(seed: UInt64) async throws {
        let model = try await model()
        let clients = try clients(seed: seed, count: 10, disturbs: false)
        let together = try await all(clients, model)
        for (index, client) in clients.enumerated() {
            #expect(try together[index].get() == (try await Self.run(client, model)), "client \(index)")
        }
        #expect(await isEmpty(model.engine.pages))
    }

    @Test(
        "Within a budget that holds a few of them nobody's bits change, and nobody is lost",
        arguments: UInt64(1)...40)
    func nearTheBudget(seed: UInt64) async throws {
        let free = try await model()
        let clients = try clients(seed: seed, count: 12, disturbs: false)
        let most = clients.map { $0.prompt.count + $0.answerLength + 64 }.max() ?? 0
        // Room for the longest in the widest storage, and a little more.
        let plan = try CachePlan(
            try CacheConfiguration(keyStorage: .f32, valueStorage: .f32),
            layers: try free.requireDecoder(for: "A test").layerGeometries)
        let budget = try #require(plan.byteCount(tokenCount: 0, newTokenCount: most)) * 5 / 4
        let model = try await model(kvByteBudget: budget)
        #expect(model.engine.kvByteBudget == budget)
        let together = try await all(clients, model)
        for (index, client) in clients.enumerated() {
            #expect(try together[index].get() == (try await Self.run(client, free)), "client \(index)")
        }
        #expect(model.engine.pages.usage.peak <= budget)
        #expect(await isEmpty(model.engine.pages))
    }

    @Test("Those that fail or are cancelled leave the others their bits", arguments: UInt64(1)...40)
    func disturbed(seed: UInt64) async throws {
        let model = try await model()
        let clients = try clients(seed: seed, count: 10, disturbs: true)
        let together = try await all(clients, model)
        for (index, client) in clients.enumerated() {
            switch together[index] {
            case .success(let digests):
                let alone = Client(
                    prompt: client.prompt, answerLength: client.answerLength, options: client.options,
                    cancelledAfter: nil, fails: false)
                #expect(!client.fails)
                #expect(digests == (try await Self.run(alone, model)), "client \(index)")
            case .failure(let error):
                #expect(
                    error is Failure && client.fails
                        || error is CancellationError && client.cancelledAfter != nil,
                    "client \(index): \(error)")
            }
        }
        #expect(await isEmpty(model.engine.pages))
    }

    /// Whether every page goes back; the last one may do so a moment after its client has heard of the end.
    private func isEmpty(_ pages: PagePool) async -> Bool {
        for _ in 0..<10_000 where pages.usage.live > 0 { await Task.yield() }
        return pages.usage.live == 0
    }

    /// What becomes of clients that begin at once.
    private func all(
        _ clients: [Client], _ model: LanguageModel
    ) async throws -> [Result<[UInt64], any Error>] {
        let tasks = clients.map { client in
            Task {
                if let steps = client.cancelledAfter {
                    let task = Task { try await Self.run(client, model) }
                    for _ in 0..<steps * 20 { await Task.yield() }
                    task.cancel()
                    return await task.result
                }
                return await Task { try await Self.run(client, model) }.result
            }
        }
        var results: [Result<[UInt64], any Error>] = []
        for task in tasks { results.append(await task.value) }
        return results
    }
}
