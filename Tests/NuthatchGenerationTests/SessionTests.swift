import NuthatchGeneration
import NuthatchTensors
import NuthatchTokenizers
import Testing

@Suite(
    .enabled(if: RealModel.isExpected, "the default model is not here: nuthatch pull smollm2"), .serialized)
struct SessionTests {
    private func options(
        _ maximum: Int, stops: [String] = [], sampling: SamplingOptions = .greedy, usesCache: Bool = true
    ) throws -> GenerationOptions {
        try GenerationOptions(
            sampling: sampling, maximumNewTokens: maximum, stopStrings: stops, usesCache: usesCache)
    }

    @Test func aSecondTurnComputesOnlyTheNewTokens() async throws {
        let session = try Session(try await RealModel.load())
        let first = session.streamResponse(to: "Hi", options: try options(100))
        let firstText = try await first.text()
        let firstReport = try await first.report()
        #expect(firstReport.finishReason == .endOfTurn)
        #expect(firstReport.cachedTokenCount == 0)

        let second = session.streamResponse(to: "And where does it live?", options: try options(8))
        let secondText = try await second.text()
        let secondReport = try await second.report()
        // All but the token that ended the first turn, which was sampled and never computed.
        #expect(
            secondReport.cachedTokenCount == firstReport.promptTokenCount + firstReport.generatedTokenCount
                - 1)
        #expect(secondReport.promptTokenCount > secondReport.cachedTokenCount)

        // The same conversation computed from nothing gives the same answer.
        let fresh = try Session(session.model)
        #expect(
            try await fresh.streamResponse(to: "Hi", options: try options(100)).text() == firstText)
        #expect(
            try await fresh.streamResponse(to: "And where does it live?", options: try options(8)).text()
                == secondText)
        #expect(await session.messages.map(\.role) == ["user", "assistant", "user", "assistant"])
    }

    @Test func anAnswerIsTheSameWithoutTheCache() async throws {
        let model = try await RealModel.load()
        let cached = try Session(model).streamCompletion(of: "The nuthatch is", options: try options(12))
        let uncached = try Session(model).streamCompletion(
            of: "The nuthatch is", options: try options(12, usesCache: false))
        let text = try await cached.text()
        #expect(try await uncached.text() == text)
        #expect(try await uncached.report().cachedTokenCount == 0)
    }

    @Test func aRepeatedPromptIsTakenFromTheCacheButForItsLastToken() async throws {
        let session = try Session(try await RealModel.load())
        let first = session.streamCompletion(of: "One two three four five", options: try options(4))
        let firstText = try await first.text()
        let second = session.streamCompletion(of: "One two three four five", options: try options(4))
        #expect(try await second.text() == firstText)
        let report = try await second.report()
        #expect(report.cachedTokenCount == report.promptTokenCount - 1)
    }

    @Test func leavingTheLoopStopsTheGeneration() async throws {
        let session = try Session(try await RealModel.load())
        let answer = session.streamResponse(to: "Count to one thousand.", options: try options(2000))
        var pieceCount = 0
        for try await _ in answer {
            pieceCount += 1
            if pieceCount == 3 { break }
        }
        let report = try await answer.report()
        #expect(report.finishReason == .cancelled)
        #expect(report.generatedTokenCount < 200)
        // The session is free for the next answer.
        _ = try await session.streamResponse(to: "Hello.", options: try options(2)).text()
    }

    @Test func stopStringsEndTheAnswerAndAreNotPartOfIt() async throws {
        let session = try Session(try await RealModel.load())
        let whole = try await session.streamCompletion(of: "1, 2, 3, 4,", options: try options(16)).text()
        let answer = session.streamCompletion(of: "1, 2, 3, 4,", options: try options(16, stops: ["6"]))
        let text = try await answer.text()
        #expect(whole.contains("6"))
        #expect(whole.hasPrefix(text + "6"))
        #expect(try await answer.report().finishReason == .stopString)
    }

    @Test func theSeedDecidesASampledAnswer() async throws {
        let model = try await RealModel.load()
        func answer(seed: UInt64) async throws -> String {
            let sampling = try SamplingOptions(temperature: 1.2, topK: 40, seed: seed)
            return try await Session(model).streamCompletion(
                of: "Once", options: try options(16, sampling: sampling)
            )
            .text()
        }
        let first = try await answer(seed: 1)
        #expect(try await answer(seed: 1) == first)
        #expect(try await answer(seed: 2) != first)
    }

    @Test func aSecondPromptDuringAnAnswerIsRefused() async throws {
        let session = try Session(try await RealModel.load())
        let long = session.streamResponse(to: "Tell me a long story.", options: try options(300))
        var pieces = long.makeAsyncIterator()
        _ = try await pieces.next()
        await #expect(throws: NuthatchError.self) {
            _ = try await session.streamResponse(to: "Hello.", options: try options(2)).text()
        }
        while try await pieces.next() != nil {}
    }

    @Test func aPromptLongerThanTheContextIsRefusedWithTheNumbers() async throws {
        let session = try Session(try await RealModel.load())
        let prompt = String(repeating: "seed ", count: 9000)
        do {
            _ = try await session.streamCompletion(of: prompt).text()
            Issue.record("a prompt of 9,000 tokens was accepted")
        } catch let error as NuthatchError {
            #expect(error.code == .contextFull)
            #expect(error.message.contains("8192"))
        }
        #expect(await session.cachedTokenCount == 0)
    }

    @Test func aReservedCacheThatIsFullEndsTheAnswer() async throws {
        let session = try Session(
            try await RealModel.load(), cache: CacheOptions(growth: .reserved(tokenCount: 32)))
        let answer = session.streamCompletion(of: "The nuthatch", options: try options(500))
        _ = try await answer.text()
        #expect(try await answer.report().finishReason == .contextFull)
        #expect(await session.cachedTokenCount <= 32)
    }

    @Test func chineseTextStreamsWholeCharacters() async throws {
        let session = try Session(try await RealModel.load())
        var text = ""
        for try await piece in session.streamCompletion(of: "中华人民共和国,中华人民共和国,中华人民", options: try options(40))
        {
            text += piece.text
            if text.count >= 3 { break }
            #expect(!piece.text.contains("\u{FFFD}"))
        }
        #expect(text.hasPrefix("共和国"), "\(text)")
    }

    @Test func aModelThatDoesNotFitIsRefusedBeforeLoading() async throws {
        do {
            _ = try await RealModel.load(options: LoadOptions(memoryBudget: 10_000_000))
            Issue.record("98 MB of weights were loaded into a budget of 10 MB")
        } catch let error as NuthatchError {
            #expect(error.code == .outOfMemory)
            #expect(error.message.contains("10.0 MB"))
        }
    }
}
