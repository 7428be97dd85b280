import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Two models on one engine: threads, steps and the budget are shared, and no bit shows it.
@Suite struct SharedEngineTests {
    private let prompt = (0..<150).map { TokenID($0 * 7 % 256) }

    @Test(
        "A draft model beside another answers as it does alone, in the same pages",
        arguments: [CacheOptions.default, .halfFloats])
    func twoNetworks(cache: CacheOptions) async throws {
        let client = ScheduledClient(
            prompt: prompt, answerLength: 12, options: cache, sharing: .group("a"))
        let large = try TinyModel.llama(maxPositions: 600, layerCount: 3)
        let small = try TinyModel.llama(maxPositions: 600)
        let options = try LoadOptions(threadCount: 2)
        let first = try LanguageModel(at: large.path, options: options)
        let second = try LanguageModel(at: small.path, options: options, beside: first)
        #expect(first.engine === second.engine)

        let together = try await withThrowingTaskGroup(of: (Int, ScheduledClient.Outcome).self) { group in
            for index in 0..<6 {
                let model = index % 2 == 0 ? first : second
                group.addTask { (index, try await client.run(model)) }
            }
            return try await group.reduce(into: [Int: ScheduledClient.Outcome]()) { $0[$1.0] = $1.1 }
        }
        for index in 0..<6 {
            let path = index % 2 == 0 ? large.path : small.path
            let alone = try LanguageModel(at: path, options: options)
            #expect(together[index]?.digests == (try await client.alone.run(alone)).digests)
        }
        // One group's name, and yet neither finds the other's pages: of each model one sequence computed the prompt.
        let cached = together.values.map(\.cachedTokenCount).sorted()
        #expect(
            cached == [0, 0, 128, 128, 128, 128]
                || cache == .halfFloats && cached == [0, 0, 149, 149, 149, 149])
    }

    @Test("A sequence on disk keeps no frames while nobody computes it")
    func framesOfThePass() async throws {
        let model = try await TinyModel.llama(maxPositions: 1_000).load()
        let directory = try TemporaryDirectory()
        let session = try Session(model, cache: try CacheOptions(placement: .disk(directory: directory.path)))
        let text = String(repeating: "seed ", count: 100)
        let options = try GenerationOptions(maximumNewTokens: 3, ignoresEndOfTurn: true)
        let first = try await session.complete(text, options: options)
        #expect(first.report.cachedTokenCount == 0)
        // All that is in memory are pages of its own.
        let report = await session.cacheReport
        #expect(report.layers[0].storedPageCount > 4)
        #expect(report.byteCount == report.layers.reduce(0) { $0 + $1.byteCount })
        #expect(first.report.kvByteCount >= report.byteCount)
        let again = try await session.complete(text, options: options)
        #expect(again.tokens == first.tokens)
        #expect(again.report.cachedTokenCount > 400)
    }
}
