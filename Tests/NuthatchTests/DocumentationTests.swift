import Foundation
import Nuthatch
import NuthatchTestSupport
import Testing

/// The documentation's snippets, line by line: they compile with one import, and run. Scripts/check compares them with the
/// pages; what they leave unsaid (the model, a session) is given to them here.
@Suite struct DocumentationTests {
    /// Ends its turns soon, and has the ids that the README names.
    private let tiny: TinyModel

    init() throws {
        tiny = try TinyModel.llama(maxPositions: 4096, layerCount: 2, paddedSize: 1280, endTokens: Tiny.ends)
    }

    /// README.md
    @Test func conversation() async throws {
        let model = try await LanguageModel.load("smollm2")
        let session = try Session(model, system: "You are a helpful assistant.")

        for try await piece in session.streamResponse(to: "Name three birds that store food.") {
            print(piece, terminator: "")
        }
        for try await piece in session.streamResponse(to: "Which is the smallest?") {
            print(piece, terminator: "")
        }

        #expect(await session.messages.count == 5)
    }

    /// README.md
    @Test func steps() async throws {
        let model = try await Nuthatch.LanguageModel.load(tiny.path)

        let sequence = try TokenSequence(model)
        let step = try await sequence.append([504, 253, 1049], observing: [.hiddenStates, .attentions])
        _ = step.positions
        _ = step.logits
        _ = step.hiddenStates[0]
        _ = step.attentions[0]
        let past = try await sequence.keysAndValues(layer: 0)

        #expect(step.positions == 0..<3 && past.positions == [0, 1, 2])
        #expect(step.logits.count == 3 * model.vocabularySize)
    }

    /// Nuthatch.md
    @Test func cacheOptions() async throws {
        let model = try await LanguageModel.load("smollm2")
        let cache = try CacheOptions(keys: .q8, values: .q4)
        let session = try Session(model, system: "You are a helpful assistant.", cache: cache)

        for try await piece in session.streamResponse(to: "Name three birds that store food.") {
            print(piece, terminator: "")
        }
        print(await session.cacheReport.byteCount, "bytes of keys and values")

        #expect(await session.cacheReport.byteCount > 0)
    }

    /// Answers.md
    @Test func answers() async throws {
        let model = try await Nuthatch.LanguageModel.load(tiny.path)

        let session = try Session(model, system: "You are a helpful assistant.")
        let answer = try await session.respond(to: "Name three birds that store food.")
        print(answer.text, answer.finishReason, answer.report.cachedTokenCount)

        let stream = session.streamResponse(to: "Which is the smallest?")
        for try await piece in stream {
            print(piece, terminator: "")
        }
        print(try await stream.report().finishReason)

        #expect(answer.finishReason == .endOfTurn)
    }

    /// Answers.md
    @Test func tokens() async throws {
        let model = try await Nuthatch.LanguageModel.load(tiny.path)

        let count = try model.tokenizer.count("Name three birds that store food.")
        let tokens = try model.tokenizer.encode("Name three birds that store food.")
        let text = model.tokenizer.decode(tokens)
        let source = model.template?.source

        #expect(tokens.count == count && text == "Name three birds that store food." && source != nil)
    }

    /// Answers.md
    @Test func conversationElsewhere() async throws {
        let messages = [
            ChatMessage(role: "user", "Name a bird."), ChatMessage(role: "assistant", "The wren."),
        ]

        let library = try ModelLibrary(environment: ["NUTHATCH_HOME": "/srv/models"])
        let model = try await LanguageModel.load("smollm2", library: library)
        let session = try Session(model, messages: messages)
        let answer = try await session.respond(to: "And which is the largest?")

        #expect(await session.messages.count == 4)
        #expect(answer.report.promptTokenCount > 30)
    }

    /// Pages.md
    @Test func sharing() async throws {
        let model = try await Nuthatch.LanguageModel.load(tiny.path)
        let handbook = String(repeating: "A nuthatch keeps its seeds in bark. ", count: 10)

        let first = try Session(model, system: handbook, sharing: .group("support"))
        let second = try Session(model, system: handbook, sharing: .group("support"))

        let options = try GenerationOptions(maximumNewTokens: 3)
        _ = try await first.respond(to: "Where?", options: options)
        let answer = try await second.respond(to: "Why?", options: options)
        // A token a byte; whole pages are shared.
        #expect(answer.report.cachedTokenCount >= handbook.utf8.count / 64 * 64)
    }

    /// Saving.md, in a folder of its own.
    @Test func saving() async throws {
        let model = try await Nuthatch.LanguageModel.load(tiny.path)
        let handbook = "A nuthatch keeps its seeds in bark."
        let folder = FileManager.default.currentDirectoryPath
        #expect(FileManager.default.changeCurrentDirectoryPath(tiny.path))
        defer { _ = FileManager.default.changeCurrentDirectoryPath(folder) }

        let session = try Session(model, system: handbook)
        _ = try await session.respond(to: "Summarise it in one sentence.")
        try await session.saveCache(to: "handbook.cache")
        let messages = await session.messages

        // Later, or elsewhere: the same model, the same cache options.
        let other = try Session(model, messages: messages)
        try await other.restoreCache(from: "handbook.cache")
        for try await piece in other.streamResponse(to: "Which chapter is about seeds?") {
            print(piece, terminator: "")
        }

        #expect(await other.cachedTokenCount > handbook.utf8.count)
    }

    /// families.md; a decoder goes on where an encoder-decoder answers.
    @Test func completion() async throws {
        let model = try await Nuthatch.LanguageModel.load(tiny.path)

        let session = try Session(model)
        for try await piece in session.streamCompletion(
            of: "translate English to German: The bird hides seeds.")
        {
            print(piece, terminator: "")
        }

        #expect(await session.messages.isEmpty)
    }

    /// images.md
    @Test func images() async throws {
        let tiny = try TinyModel.qwenVL(maxPositions: 4096, endTokens: Tiny.ends)
        let session = try Session(try await Nuthatch.LanguageModel.load(tiny.path))
        let bytes = [UInt8](repeating: 128, count: 3 * 640 * 480)

        let image = try RGBImage(pixels: bytes, width: 640, height: 480)
        for try await piece in session.streamResponse(to: "What is this?", images: [image]) {
            print(piece, terminator: "")
        }
        for try await piece in session.streamResponse(to: "And what stands behind it?") {
            print(piece, terminator: "")
        }

        #expect(await session.messages.count == 4)
    }
}

/// What the tests' models have in common.
private enum Tiny {
    /// Ends of a turn: every second id, so that an answer is a few tokens long.
    static let ends = Array(stride(from: 0, to: 1280, by: 2))
}

/// Loads a tiny model where the pages name a published one.
private enum LanguageModel {
    static func load(_ name: String, library: ModelLibrary? = nil) async throws -> Nuthatch.LanguageModel {
        let tiny = try TinyModel.llama(
            maxPositions: 4096, layerCount: 2, paddedSize: 1280, endTokens: Tiny.ends)
        return try await Nuthatch.LanguageModel.load(tiny.path)
    }
}
