import Nuthatch
import NuthatchTestSupport
import Testing

/// What an application does, with `import Nuthatch` and nothing else of the library.
@Suite struct DoorTests {
    private let tiny: TinyModel

    init() throws {
        tiny = try TinyModel.llama(maxPositions: 512, endTokens: [TinyModel.end])
    }

    private func model() async throws -> LanguageModel { try await LanguageModel.load(tiny.path) }

    private var options: GenerationOptions {
        get throws { try GenerationOptions(maximumNewTokens: 6) }
    }

    @Test func anAnswerSaysWhatItIsAndWhyItEnded() async throws {
        let session = try Session(try await model())
        let answer: Answer = try await session.respond(to: "Hello.", options: options)
        #expect(answer.tokens.count == answer.report.generatedTokenCount)
        #expect(answer.text == session.model.tokenizer.decode(answer.tokens))
        #expect("\(answer)" == answer.text)
        let ends: [GenerationReport.FinishReason] = [.maximumNewTokens, .endOfTurn]
        #expect(ends.contains(answer.finishReason))
        #expect(
            await session.messages == [
                ChatMessage(role: "user", "Hello."), ChatMessage(role: "assistant", answer.text),
            ])
    }

    @Test func tokensAreCountedBeforeTheyAreAsked() async throws {
        let tokenizer: Tokenizer = try await model().tokenizer
        let tokens: [TokenID] = try tokenizer.encode("a nut<end>")
        #expect(tokens.count == 6)
        #expect(try tokenizer.count("a nut<end>") == 6)
        #expect(try tokenizer.count("a nut<end>", parsesSpecialTokens: false) == 10)
        #expect(tokenizer.decode(tokens) == "a nut")
        var decoder = StreamingDecoder(tokenizer)
        #expect(tokens.map { decoder.append($0) }.joined() + decoder.finish() == "a nut")
    }

    @Test func theTemplateShowsWhatAConversationBecomes() async throws {
        let template: ChatTemplate = try #require(try await model().template)
        #expect(template.source.contains("assistant:"))
        _ = try template.render(messages: [ChatMessage(role: "user", "Hello.")])
    }

    @Test("A conversation goes on in another session as in the one it was begun in")
    func restoredConversations() async throws {
        let model = try await model()
        let first = try Session(model, system: "Be brief.")
        _ = try await first.respond(to: "Hello.", options: options)
        let messages = await first.messages
        let next = try await first.respond(to: "And now?", options: options)

        let second = try Session(model, messages: messages)
        let again = try await second.respond(to: "And now?", options: options)
        #expect(again.text == next.text && again.tokens == next.tokens)
        #expect(await second.messages == first.messages)
        try await second.reset()
        #expect(await second.messages == [ChatMessage(role: "system", "Be brief.")])
    }

    @Test func aMessageWithoutItsImageIsRefused() async throws {
        let parts: ChatMessage.Content = .parts([.image, .text("What is this?")])
        let error = await #expect(throws: NuthatchError.self) {
            try Session(try await model(), messages: [ChatMessage(role: "user", content: parts)])
        }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("1 place for images, and 0 images") == true)
    }

    @Test func errorsAreCaughtByTheirType() async throws {
        do {
            _ = try await LanguageModel.load("no-such-model-here")
            Issue.record("a model that isn't there was loaded")
        } catch let error as NuthatchError {
            #expect(error.code == .usage && error.remedy != nil)
        }
    }

    @Test func aLibraryReadsTheProgramsEnvironment() throws {
        _ = try ModelLibrary()
        _ = try ModelLibrary(environment: [:])
        _ = try ModelLibrary(environment: ["NUTHATCH_HOME": tiny.path, "HF_TOKEN": ""])
        #expect(throws: NuthatchError.self) { try ModelLibrary(environment: ["HF_ENDPOINT": "ftp://bird"]) }
    }
}
