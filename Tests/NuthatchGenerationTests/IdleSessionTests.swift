import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// A session that nobody asks keeps its pages until their memory is needed, and goes on afterwards as if it had kept them.
@Suite struct IdleSessionTests {
    private func options(_ maximum: Int = 8) throws -> GenerationOptions {
        try GenerationOptions(maximumNewTokens: maximum, ignoresEndOfTurn: true)
    }

    private let text = String(repeating: "A nuthatch hides its seeds. ", count: 10)

    /// A model with room for `count` answers to `text`, and one with more than enough.
    private func models(roomFor count: Int) async throws -> (
        TinyModel, tight: LanguageModel, free: LanguageModel
    ) {
        let tiny = try TinyModel.llama(maxPositions: 1_000)
        let free = try await tiny.load()
        let one = try #require(try plan(.default, for: free).peakByteCount(contextLength: 400))
        return (tiny, try await tiny.load(kvByteBudget: one * count), free)
    }

    private func plan(_ cache: CacheOptions, for model: LanguageModel) throws -> CachePlan {
        let decoder = try model.requireDecoder(for: "A test")
        return try CachePlan(
            try cache.configuration(layers: decoder.layerGeometries, context: decoder.context),
            layers: decoder.layerGeometries)
    }

    @Test("Many sessions take turns in the memory of a few")
    func takeTurns() async throws {
        let (_, model, free) = try await models(roomFor: 2)
        var sessions: [Session] = []
        var others: [Session] = []
        for index in 0..<8 {
            sessions.append(try Session(model, system: "Session \(index)"))
            others.append(try Session(free, system: "Session \(index)"))
        }
        for turn in 0..<2 {
            for index in sessions.indices {
                let prompt = turn == 0 ? text : "And then?"
                let answer = try await sessions[index].respond(to: prompt, options: options())
                let expected = try await others[index].respond(to: prompt, options: options())
                #expect(answer.tokens == expected.tokens)
            }
        }
        let budget = try #require(model.engine.kvByteBudget)
        #expect(model.engine.pages.usage.peak <= budget)
        var emptied = 0
        for session in sessions where await session.cachedTokenCount == 0 { emptied += 1 }
        #expect(emptied > 0)
    }

    @Test("Sessions with pages on disk go back and on in the memory of one")
    func onDisk() async throws {
        let tiny = try TinyModel.llama(maxPositions: 1_000)
        let directory = try TemporaryDirectory()
        let free = try await tiny.load()
        let cache = try CacheOptions(
            keys: .q8, values: .q8, placement: .disk(directory: directory.path))
        let peak = try #require(try plan(cache, for: free).peakByteCount(contextLength: 400))
        let model = try await tiny.load(kvByteBudget: peak * 3 / 2)
        let sessions = try (0..<3).map { _ in try Session(model, cache: cache) }
        let others = try (0..<3).map { _ in try Session(free, cache: cache) }
        for round in 0..<12 {
            // Behind a beginning of the text, now shorter and now longer, something else each time.
            let prompt = String(text.prefix(40 + round * 97 % 230)) + "\(round)"
            let index = round * 2 % 3
            let answer = try await sessions[index].complete(prompt, options: options())
            #expect(answer.tokens == (try await others[index].complete(prompt, options: options())).tokens)
        }
    }

    @Test(
        "What was given up is saved and forked as if it were there",
        arguments: [CacheOptions.default, .halfFloats])
    func savingAndForking(cache: CacheOptions) async throws {
        let tiny = try TinyModel.llama(maxPositions: 1_000)
        // Room for the largest below alone.
        let budget = try #require(
            try plan(cache, for: try await tiny.load()).peakByteCount(contextLength: 800))
        let model = try await tiny.load(kvByteBudget: budget)
        let directory = try TemporaryDirectory()
        let session = try Session(model, cache: cache)
        _ = try await session.respond(to: text, options: options())
        let held = await session.cachedTokenCount
        #expect(held > 0)
        for _ in 0..<4 {
            let other = try Session(model, cache: cache)
            _ = try await other.respond(to: text, options: options())
            try await other.reset()
            _ = try await other.complete(String(text.reversed()), options: options())
        }
        // More than the budget leaves beside it.
        let large = try Session(model, cache: cache)
        _ = try await large.complete(String(repeating: text, count: 2) + text.prefix(100), options: options())
        #expect(await session.cachedTokenCount == 0)
        let fork = try await session.fork()
        let path = "\(directory.path)/saved"
        try await session.saveCache(to: path)
        #expect(await session.cachedTokenCount == held)
        let restored = try Session(model, messages: await session.messages, cache: cache)
        try await restored.restoreCache(from: path)
        #expect(await restored.cachedTokenCount == held)
        let expected = try await restored.respond(to: "And then?", options: options())
        #expect(try await fork.respond(to: "And then?", options: options()).tokens == expected.tokens)
    }

    @Test("A thousand idle sessions hold nothing that can't be given up")
    func thousand() async throws {
        let model = try await TinyModel.llama(maxPositions: 1_000).load()
        var sessions: [Session] = []
        for index in 0..<1_000 {
            let session = try Session(model)
            _ = try await session.complete(
                "Session \(index): seeds, seeds, seeds and seeds, and more of them.", options: options(2))
            sessions.append(session)
        }
        let pages = model.engine.pages
        #expect(pages.usage.live > 0)
        await model.engine.prefixes.emptyAll()
        #expect(pages.usage.live + pages.usage.cached == 0)
        #expect(await sessions[7].cachedTokenCount == 0)
        let again = try await sessions[7].complete("Session 7: seeds", options: options(2))
        #expect(again.tokens.count == 2)
    }
}
