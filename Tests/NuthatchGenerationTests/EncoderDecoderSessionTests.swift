import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import NuthatchTokenizers
import Testing

/// Encoder-decoders through the same loop as decoders.
@Suite struct EncoderDecoderSessionTests {
    private static let exact = (try? CacheOptions(keys: .f32, values: .f32)) ?? .default

    private func options(
        _ maximum: Int? = 24, sampling: SamplingOptions = .greedy, usesCache: Bool = true
    ) throws -> GenerationOptions {
        try GenerationOptions(sampling: sampling, maximumNewTokens: maximum, usesCache: usesCache)
    }

    private func tokens(_ answer: AnswerStream) async throws -> (ids: [TokenID], text: String) {
        var ids: [TokenID] = []
        var text = ""
        for try await piece in answer {
            ids += piece.tokens
            text += piece.text
        }
        return (ids, text)
    }

    @Test("A text's answer is that of transformers, to its end", arguments: EncoderDecoderAnswers.all)
    func answersAsTransformers(model: EncoderDecoderAnswers) async throws {
        let golden = try model.golden()
        let session = try Session(try await model.load(), cache: Self.exact)
        for (index, text) in golden.texts.enumerated() {
            #expect(try session.model.tokenizer.encode(text) == golden.sources[index])
            let answer = session.streamCompletion(of: text, options: try options())
            let (ids, shown) = try await tokens(answer)
            #expect(ids == golden.answers[index], "\(model) \(index)")
            #expect(shown == golden.answerTexts[index], "\(model) \(index)")
            let report = try await answer.report()
            #expect(report.finishReason == (ids.count < 24 ? .endOfTurn : .maximumNewTokens))
            #expect(report.promptTokenCount == golden.sources[index].count)
            #expect(report.cachedTokenCount == 0)
            #expect(report.generatedTokenCount == ids.count)
            #expect(report.kvByteCount > 0)
        }
        // What ends and bars answers does so: without it they go on, or have such a word.
        #expect(golden.answers != golden.free)
        #expect(golden.answers.contains { $0.count < 24 })
    }

    @Test(
        "The same source again is a hit, and its answer the same; without the cache too",
        arguments: EncoderDecoderAnswers.all)
    func sourcesAreReused(model: EncoderDecoderAnswers) async throws {
        let golden = try model.golden()
        let session = try Session(try await model.load(), cache: Self.exact)
        let first = try await tokens(session.streamCompletion(of: golden.texts[0], options: try options()))
        let again = session.streamCompletion(of: golden.texts[0], options: try options())
        #expect(try await tokens(again) == first)
        #expect(try await again.report().cachedTokenCount == golden.sources[0].count)
        let other = session.streamCompletion(of: golden.texts[1], options: try options())
        _ = try await other.text()
        #expect(try await other.report().cachedTokenCount == 0)
        let uncached = session.streamCompletion(of: golden.texts[0], options: try options(usesCache: false))
        #expect(try await tokens(uncached) == first)
        try await session.reset()
        #expect(await session.cachedTokenCount == 0)
        #expect(
            try await tokens(session.streamCompletion(of: golden.texts[0], options: try options())) == first)
    }

    @Test func samplingIsByTheSeed() async throws {
        let session = try Session(try await EncoderDecoderAnswers("t5-gated").load())
        func answer(_ seed: UInt64) async throws -> [TokenID] {
            let sampling = try SamplingOptions(temperature: 1.5, repetitionPenalty: 1.1, seed: seed)
            return try await tokens(
                session.streamCompletion(of: "the bark", options: try options(sampling: sampling))
            )
            .ids
        }
        let first = try await answer(1)
        #expect(try await answer(1) == first)
        #expect(try await answer(2) != first)
    }

    @Test func aWordThatNeverComesIsNeverSampled() async throws {
        let session = try Session(try await EncoderDecoderAnswers("marian-shared").load())
        let network = session.model.network
        let suppressed = try #require(network.answerStart?.suppressedTokens.first)
        for seed in 0..<20 as Range<UInt64> {
            let sampling = try SamplingOptions(temperature: 3, seed: seed)
            let ids = try await tokens(
                session.streamCompletion(of: "the bark", options: try options(sampling: sampling))
            )
            .ids
            #expect(!ids.contains(suppressed))
        }
    }

    @Test func theReportHasTheSourceBesideTheAnswer() async throws {
        let session = try Session(try await EncoderDecoderAnswers("t5-gated").load(), cache: Self.exact)
        let source = try EncoderDecoderAnswers("t5-gated").golden().sources[0]
        #expect(await session.cacheReport.sourceLayers.isEmpty)
        let answer = session.streamCompletion(
            of: "the nuthatch hides its seeds in the bark", options: try options(6))
        _ = try await answer.text()
        let report = await session.cacheReport
        #expect(report.layers.count == 2 && report.sourceLayers.count == 2)
        // The token it begins with and all but the last of those it has.
        #expect(report.layers.map(\.keptTokenCount) == [6, 6])
        #expect(report.sourceLayers.map(\.keptTokenCount) == [source.count, source.count])
        #expect(try await answer.report().kvByteCount == report.byteCount)
        let layers = report.layers + report.sourceLayers
        #expect(report.byteCount == layers.reduce(0) { $0 + $1.byteCount })
    }

    @Test func aReservedCacheHoldsBoth() async throws {
        let model = try await EncoderDecoderAnswers("bart-scaled").load()
        let whole = try Session(
            model, cache: try CacheOptions(keys: .f32, values: .f32, growth: .reservedContext))
        let golden = try EncoderDecoderAnswers("bart-scaled").golden()
        #expect(
            try await tokens(whole.streamCompletion(of: golden.texts[0], options: try options())).ids
                == golden.answers[0]
        )
        let small = try Session(model, cache: try CacheOptions(growth: .reserved(tokenCount: 8)))
        let answer = small.streamCompletion(of: "a", options: try options())
        _ = try await answer.text()
        #expect([.contextFull, .endOfTurn].contains(try await answer.report().finishReason))
        let error = await #expect(throws: NuthatchError.self) {
            _ = try await small.streamCompletion(of: golden.texts[0]).text()
        }
        #expect(error?.code == .contextFull)
    }

    @Test("What an encoder-decoder can't do is refused with the reason")
    func refusals() async throws {
        let model = try await EncoderDecoderAnswers("t5-gated").load()
        func message(_ body: () async throws -> Void) async -> String {
            do {
                try await body()
                return "none"
            } catch { return (error as? NuthatchError)?.message ?? "\(error)" }
        }
        let kind = "takes a model that continues a text; "
        let session = try Session(model)
        let conversation = await message { _ = try await session.streamResponse(to: "Hi").text() }
        #expect(conversation.hasPrefix("A conversation \(kind)"))
        #expect(conversation.hasSuffix("(T5) is an encoder-decoder, which answers one source at a time."))
        #expect(
            await message { _ = try Session(model, system: "Be kind.") }.hasPrefix("A system message \(kind)")
        )
        #expect(await message { _ = try TokenSequence(model) }.hasPrefix("A token sequence \(kind)"))
        #expect(
            await message { try await session.saveCache(to: "/nowhere/x") }
                == "A saved cache holds one text; an encoder-decoder has a source beside its answer.")
        func cache(_ options: CacheOptions) async -> String {
            await message { _ = try Session(model, cache: options) }
        }
        #expect(
            await cache(try CacheOptions(retention: .sinks(count: 4, window: 60, positions: .inCache)))
                == "The cache keeps sinks of layer 0 at positions in the cache; a T5 model's queries can't be moved there."
        )
        #expect(
            await cache(try CacheOptions(retention: .compressive(segmentLength: 64, rule: .delta)))
                .contains("has no trained gates"))
        #expect(
            await cache(try CacheOptions(growth: .reservedContext))
                == "The cache was to be reserved for the whole context; a T5 model's is as long as memory allows."
        )
        #expect(
            await cache(try CacheOptions(retention: .modelWindow)).contains(
                "no layer of the model has a window"))
        for retention in [
            .window(length: 50), .sinks(count: 4, window: 60, positions: .trueDistance),
        ] as [CacheOptions.Retention] {
            let windowed = try Session(model, cache: try CacheOptions(retention: retention))
            #expect(
                try await !tokens(windowed.streamCompletion(of: "the bark", options: try options(80))).ids
                    .isEmpty)
        }
    }

    @Test func theBudgetAndThePlanKnowBothHalves() async throws {
        let directory = try EncoderDecoderAnswers("t5-gated").write()
        let checkpoint = try Checkpoint.open(directory.path)
        func plan(_ question: MemoryPlan.Question, _ cache: CacheOptions = .halfFloats) throws -> MemoryPlan {
            try MemoryPlan(checkpoint, weights: .f32, cache: cache, question: question)
        }
        let both = try plan(.init(contextLength: 100, sourceLength: 300))
        #expect(both.sourceLength == 300 && both.contextLength == 100)
        #expect(both.layerKinds.map(\.isSource) == [false, true])
        #expect(both.kvByteCount == both.layerKinds.reduce(0) { $0 + $1.byteCount })
        #expect(both.kvByteCountPerToken == both.kvByteCountPerSourceToken)
        // What a session of such lengths takes.
        let model = try await EncoderDecoderAnswers("t5-gated").load()
        #expect(model.weightByteCount == both.weightByteCount)
        func report(_ cache: CacheOptions) async throws -> GenerationReport {
            let long = String(repeating: "a ", count: 149)
            let options = try GenerationOptions(maximumNewTokens: 100, ignoresEndOfTurn: true)
            let answer = try Session(model, cache: cache).streamCompletion(of: long, options: options)
            _ = try await answer.text()
            return try await answer.report()
        }
        let halves = try await report(.halfFloats)
        let exact = try plan(.init(contextLength: 100, sourceLength: halves.promptTokenCount))
        #expect(halves.kvByteCount == exact.kvByteCount)
        // By default full pages are coded, of two layers of five heads of 12 keys, and 12 values filled up to 16: codes of
        // a byte, and scales and offsets of 2 bytes in regions of 64 each.
        let open = 2 * 5 * 64 * 28 * 2
        let coded = 2 * 5 * (64 * 28 + 4 * 64)
        let codes = try await report(.default)
        let (sealedSource, rest) = codes.promptTokenCount.quotientAndRemainder(dividingBy: 64)
        #expect(rest > 0)
        #expect(codes.kvByteCount == (1 + sealedSource) * coded + 2 * open)
        #expect(
            codes.kvByteCount
                < (try plan(.init(contextLength: 100, sourceLength: codes.promptTokenCount), .default))
                .kvByteCount)

        let one = try plan(.init(contextLength: 100)).byteCount
        #expect(try plan(.init(byteBudget: one)).solution == .contextLength(128))
        #expect(
            try plan(.init(contextLength: 100, byteBudget: one + 2 * both.kvByteCount)).sequenceCount >= 3)
        #expect(try plan(.init()).contextLength == 512)
    }
}
