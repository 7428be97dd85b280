import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import NuthatchVision
import Testing

/// Conversations with images: what is taken from the cache, and that it is what would have been computed.
@Suite struct ImageSessionTests {
    private func load(maxPositions: Int = 256) async throws -> LanguageModel {
        let directory = try TinyQwenVL(maxPositions: maxPositions).write()
        return try await LanguageModel.load(
            at: directory.path, options: try LoadOptions(threadCount: 2, weights: .f32))
    }

    private func image(_ seed: UInt64, width: Int = 24, height: Int = 16) throws -> RGBImage {
        var generator = NuthatchTestSupport.SeededGenerator(seed: seed)
        return try RGBImage(
            pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &generator) },
            width: width, height: height)
    }

    private func options(_ maximum: Int = 1, usesCache: Bool = true) throws -> GenerationOptions {
        try GenerationOptions(maximumNewTokens: maximum, ignoresEndOfTurn: true, usesCache: usesCache)
    }

    private func tokens(_ stream: AnswerStream) async throws -> (tokens: [TokenID], report: GenerationReport)
    {
        var tokens: [TokenID] = []
        for try await piece in stream { tokens += piece.tokens }
        return (tokens, try await stream.report())
    }

    private static let question = "<|vision_start|><|image_pad|><|vision_end|>What is it?"

    @Test("An image takes as many tokens as it has blocks of patches")
    func promptTokens() async throws {
        let session = try Session(try await load())
        #expect(session.model.readsImages)
        let plain = try await tokens(session.streamCompletion(of: "What is it?", options: options())).report
        let shown = try await tokens(
            session.streamCompletion(of: Self.question, images: [image(1)], options: options())
        ).report
        #expect(shown.promptTokenCount == plain.promptTokenCount + 2 + 3 * 2)
    }

    @Test("Without the cache, images included, the tokens are the same")
    func withoutCache() async throws {
        let model = try await load()
        let cached = try await tokens(
            Session(model).streamCompletion(of: Self.question, images: [image(1)], options: options(12)))
        let uncached = try await tokens(
            Session(model).streamCompletion(
                of: Self.question, images: [image(1)], options: options(12, usesCache: false)))
        #expect(cached.tokens == uncached.tokens)
        #expect(cached.tokens.count == 12)
    }

    @Test("A second turn takes the first one's image from the cache, and may bring its own")
    func secondTurn() async throws {
        let model = try await load()
        for second in [[], [try image(2, width: 17, height: 40)]] {
            let session = try Session(model)
            let first = try await tokens(
                session.streamResponse(to: "What is it?", images: [image(1)], options: options())
            ).report
            let answer = try await tokens(
                session.streamResponse(to: "And now?", images: second, options: options(8)))
            #expect(answer.report.cachedTokenCount >= first.promptTokenCount)
            let other = try Session(model)
            _ = try await tokens(
                other.streamResponse(
                    to: "What is it?", images: [image(1)], options: options(usesCache: false)))
            let expected = try await tokens(
                other.streamResponse(to: "And now?", images: second, options: options(8, usesCache: false)))
            #expect(answer.tokens == expected.tokens)
            #expect(expected.report.cachedTokenCount == 0)
        }
    }

    @Test("Another image of the same size is no prefix of the first, whose tokens are the same")
    func otherImage() async throws {
        let model = try await load()
        let session = try Session(model)
        _ = try await tokens(
            session.streamCompletion(of: Self.question, images: [image(1)], options: options()))
        let again = try await tokens(
            session.streamCompletion(of: Self.question, images: [image(1)], options: options(6)))
        #expect(again.report.cachedTokenCount == again.report.promptTokenCount - 1)
        let other = try await tokens(
            session.streamCompletion(of: Self.question, images: [image(2)], options: options(6)))
        // The token before the image is all that the two have in common.
        #expect(other.report.cachedTokenCount == 1)
        let fresh = try await tokens(
            Session(model).streamCompletion(of: Self.question, images: [image(2)], options: options(6)))
        #expect(other.tokens == fresh.tokens)
        #expect(other.tokens != again.tokens)
    }

    @Test("A saved cache knows its images")
    func saved() async throws {
        let model = try await load()
        let session = try Session(model)
        _ = try await tokens(
            session.streamCompletion(of: Self.question, images: [image(1)], options: options(4)))
        let folder = try TemporaryDirectory()
        try await session.saveCache(to: "\(folder.path)/saved")
        for (seed, cachedCount) in [(UInt64(1), 9), (2, 1)] {
            let other = try Session(model)
            try await other.restoreCache(from: "\(folder.path)/saved")
            let answer = try await tokens(
                other.streamCompletion(of: Self.question, images: [image(seed)], options: options(4)))
            #expect(answer.report.cachedTokenCount >= cachedCount)
            #expect(cachedCount > 1 || answer.report.cachedTokenCount == 1)
            let fresh = try await tokens(
                Session(model).streamCompletion(of: Self.question, images: [image(seed)], options: options(4))
            )
            #expect(answer.tokens == fresh.tokens)
        }
    }

    @Test("More or fewer images than places for them are refused with both numbers", arguments: [0, 2])
    func counts(count: Int) async throws {
        let session = try Session(try await load())
        let images = try (0..<count).map { try image(UInt64($0)) }
        let error = try await #require(throws: NuthatchError.self) {
            _ = try await tokens(
                session.streamCompletion(of: Self.question, images: images, options: options()))
        }
        #expect(
            error.message == "The prompt has 1 place for images, and \(count) images were given.")
        #expect(error.code == .usage)
    }

    @Test("An image that the context can't hold is refused with what it takes")
    func contextFull() async throws {
        let session = try Session(try await load(maxPositions: 32))
        let error = try await #require(throws: NuthatchError.self) {
            _ = try await tokens(
                session.streamCompletion(
                    of: Self.question, images: [image(1, width: 64, height: 64)], options: options()))
        }
        #expect(error.code == .contextFull)
        #expect(error.message.contains("64 of them its images'"))
        #expect(error.remedy?.contains("smaller images") == true)
    }

    @Test("An image given to a text model is refused with the model's family")
    func textModel() async throws {
        let directory = try TinyLlama(vocabularySize: TinyTokenizer.vocabularySize).write()
        try TinyTokenizer.write(to: directory)
        let model = try await LanguageModel.load(at: directory.path, options: .default)
        #expect(!model.readsImages)
        let error = try await #require(throws: NuthatchError.self) {
            _ = try await tokens(
                Session(model).streamCompletion(of: "Hi", images: [image(1)], options: options()))
        }
        #expect(error.message.contains("reads text alone"))
    }

    @Test("A preprocessor that cuts other patches than the tower reads is refused at loading")
    func otherPatches() async throws {
        let directory = try TinyQwenVL().write()
        try directory.write(Array(#"{"patch_size": 14}"#.utf8), as: "preprocessor_config.json")
        let error = try await #require(throws: NuthatchError.self) {
            _ = try await LanguageModel.load(at: directory.path, options: .default)
        }
        #expect(error.message.contains("preprocessor_config.json"))
    }
}
