import Foundation
import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Sequences that share steps, memory, threads and prefixes, in schedules from seeds: whatever happens to the others, each has
/// the bits that it has alone (laws L1 and L9).
///
/// `NUTHATCH_SCHEDULES=N` runs N schedules of each kind; unset, 1,000.
@Suite struct EngineScheduleTests {
    private static let batchCount = 20
    private static let schedulesPerBatch =
        max(
            1,
            (ProcessInfo.processInfo.environment["NUTHATCH_SCHEDULES"].flatMap(Int.init) ?? 1_000)
                / batchCount)

    private static func options() throws -> [CacheOptions] {
        [
            .default, .halfFloats, try CacheOptions(keys: .f32, values: .f32),
            try CacheOptions(keys: .q4, values: .q4),
            try CacheOptions(keys: .f16, values: .f16, retention: .window(length: 40)),
            try CacheOptions(retention: .sinks(count: 4, window: 60, positions: .inCache)),
            try CacheOptions(retention: .window(length: 100)),
            try CacheOptions(growth: .reserved(tokenCount: 500)),
        ]
    }

    /// Clients of one schedule: some of their prompts begin alike, some share, some fork.
    private func clients(
        seed: UInt64, count: Int, disturbs: Bool, reserves: Bool = true
    ) throws -> [ScheduledClient] {
        var generator = NuthatchGeneration.SeededGenerator(seed: seed)
        func below(_ limit: Int) -> Int { Int(generator.next() % UInt64(limit)) }
        let options = try Self.options().dropLast(reserves ? 0 : 1)
        let common = (0..<256).map { _ in TokenID(below(256)) }
        // Few kinds of caches in one schedule, so that prefixes are found.
        let kinds = [options[below(options.count)], options[below(options.count)]]
        return (0..<count).map { _ in
            let length = [1, below(8) + 1, 63, 64, 65, below(200) + 1][below(6)]
            let shared = [0, 63, 64, 65, 127, 128, 129, below(256)][below(8)]
            return ScheduledClient(
                prompt: common[..<shared] + (0..<length).map { _ in TokenID(below(256)) },
                answerLength: 1 + below(20), options: kinds[below(2)],
                sharing: [.private, .group("a"), .group("a"), .group("b")][below(4)],
                forkCount: below(4) == 0 ? 1 + below(3) : 0,
                cancelledAfter: disturbs && below(4) == 0 ? below(240) : nil,
                fails: disturbs && below(6) == 0)
        }
    }

    @Test("Whoever shares steps and prefixes has the bits that it has alone", arguments: 0..<batchCount)
    func together(batch: Int) async throws {
        let model = try await TinyModel.llama(maxPositions: 1_000).load()
        for schedule in 0..<Self.schedulesPerBatch {
            let seed = UInt64(1 + batch * 10_000 + schedule)
            let clients = try clients(seed: seed, count: 8, disturbs: false)
            let together = await all(clients, model)
            for (index, client) in clients.enumerated() {
                let alone = try await client.alone.run(model)
                #expect(try together[index].get().digests == alone.digests, "seed \(seed), client \(index)")
            }
            #expect(await isEmpty(model.engine.pages), "seed \(seed)")
        }
    }

    @Test(
        "Within a budget that holds a few of them nobody's bits change, and nobody is lost",
        arguments: 0..<batchCount)
    func nearTheBudget(batch: Int) async throws {
        let tiny = try TinyModel.llama(maxPositions: 1_000)
        let free = try await tiny.load()
        // Room for the longest in the widest storage with its forks, and a little more.
        let plan = try CachePlan(
            try CacheConfiguration(keyStorage: .f32, valueStorage: .f32),
            layers: try free.requireDecoder(for: "A test").layerGeometries)
        let budget = try #require(plan.byteCount(tokenCount: 0, newTokenCount: 550)) * 5 / 4
        let model = try await tiny.load(kvByteBudget: budget)
        #expect(model.engine.kvByteBudget == budget)
        for schedule in 0..<Self.schedulesPerBatch {
            let seed = UInt64(3 + batch * 10_000 + schedule)
            let clients = try clients(seed: seed, count: 10, disturbs: false, reserves: false)
            let together = await all(clients, model)
            for (index, client) in clients.enumerated() {
                let alone = try await client.alone.run(free)
                #expect(try together[index].get().digests == alone.digests, "seed \(seed), client \(index)")
            }
            #expect(model.engine.pages.usage.peak <= budget, "seed \(seed)")
            #expect(await isEmpty(model.engine.pages), "seed \(seed)")
        }
    }

    @Test("Those that fail or are cancelled leave the others their bits", arguments: 0..<batchCount)
    func disturbed(batch: Int) async throws {
        let model = try await TinyModel.llama(maxPositions: 1_000).load()
        for schedule in 0..<Self.schedulesPerBatch {
            let seed = UInt64(7 + batch * 10_000 + schedule)
            let clients = try clients(seed: seed, count: 8, disturbs: true)
            let together = await all(clients, model)
            for (index, client) in clients.enumerated() {
                switch together[index] {
                case .success(let outcome):
                    #expect(!client.fails)
                    let alone = try await client.alone.run(model)
                    #expect(outcome.digests == alone.digests, "seed \(seed), client \(index)")
                case .failure(let error):
                    #expect(
                        error is ScheduledClient.Failure && client.fails
                            || error is CancellationError && client.cancelledAfter != nil,
                        "seed \(seed), client \(index): \(error)")
                }
            }
            #expect(await isEmpty(model.engine.pages), "seed \(seed)")
        }
    }

    /// Whether every page goes back but those that are cached; the last one may do so a moment after its client has heard of the
    /// end.
    private func isEmpty(_ pages: PagePool) async -> Bool {
        for _ in 0..<2_000 where pages.usage.live > 0 { try? await Task.sleep(for: .milliseconds(5)) }
        return pages.usage.live == 0
    }

    /// What becomes of clients that begin at once.
    private func all(
        _ clients: [ScheduledClient], _ model: LanguageModel
    ) async -> [Result<ScheduledClient.Outcome, any Error>] {
        let tasks = clients.map { client in
            Task {
                let task = Task { try await client.run(model) }
                if let turns = client.cancelledAfter {
                    for _ in 0..<turns { await Task.yield() }
                    task.cancel()
                }
                return await task.result
            }
        }
        var results: [Result<ScheduledClient.Outcome, any Error>] = []
        for task in tasks { results.append(await task.value) }
        return results
    }
}
