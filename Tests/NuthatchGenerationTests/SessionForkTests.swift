import NuthatchCache
import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Sessions that part from one.
@Suite struct SessionForkTests {
    private func options(_ maximum: Int = 20, seed: UInt64? = nil) throws -> GenerationOptions {
        try GenerationOptions(
            sampling: seed.map { try SamplingOptions(temperature: 1, seed: $0) } ?? .greedy,
            maximumNewTokens: maximum, ignoresEndOfTurn: true)
    }

    @Test(
        "Forks answer as their origin would have, and none sees what the others do",
        arguments: [
            .default, .halfFloats, try CacheOptions(growth: .reserved(tokenCount: 600)),
            try CacheOptions(keys: .f16, values: .f16, growth: .reserved(tokenCount: 600)),
        ])
    func goTheirOwnWays(cache: CacheOptions) async throws {
        let model = try await TinyModel.llama(maxPositions: 600).load()
        let session = try Session(model, system: "Be brief.", cache: cache)
        let seeds = String(repeating: "A nuthatch hides its seeds. ", count: 3)
        let first = try await session.respond(to: seeds, options: options()).report
        #expect(first.promptTokenCount % 64 > 0 && first.promptTokenCount > 64)
        let forks = [try await session.fork(), try await session.fork(), try await session.fork()]
        // All at once: they share steps as well as pages.
        let answers = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (index, fork) in forks.enumerated() {
                let options = try options(seed: UInt64(index + 1))
                group.addTask { (index, try await fork.respond(to: "Where?", options: options)) }
            }
            return try await group.reduce(into: [Int: Answer]()) { $0[$1.0] = $1.1 }
        }
        for index in forks.indices {
            let alone = try Session(model, messages: await session.messages, cache: cache)
            let expected = try await alone.respond(to: "Where?", options: options(seed: UInt64(index + 1)))
            let answer = try #require(answers[index])
            #expect(answer.tokens == expected.tokens)
            // The beginning that the conversation had, in codes as far as pages of it were full.
            #expect(
                answer.report.cachedTokenCount
                    >= (cache.keys == .f16 ? first.promptTokenCount : first.promptTokenCount / 64 * 64))
            #expect(await forks[index].messages.count == 5)
        }
        #expect(await session.messages.count == 3)
    }

    @Test("A fork shares its pages: many take little more than one")
    func pagesAreShared() async throws {
        let model = try await TinyModel.llama(maxPositions: 2_000).load()
        let session = try Session(model)
        _ = try await session.complete(String(repeating: "seed ", count: 250), options: options(5))
        let one = model.engine.pages.usage.live
        var forks: [Session] = []
        for _ in 0..<20 { forks.append(try await session.fork()) }
        #expect(model.engine.pages.usage.live == one)
        for fork in forks {
            let report = try await fork.complete(
                String(repeating: "seed ", count: 250) + "!", options: options(2)
            ).report
            #expect(report.promptTokenCount - report.cachedTokenCount <= 2)
        }
        #expect(model.engine.pages.usage.live < 4 * one)
    }
}
