import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import NuthatchTokenizers
import Testing

/// What a session does when it is asked while an answer is being generated.
@Suite struct SessionTurnTests {
    private let tiny: TinyModel

    init() throws { tiny = try TinyModel.llama(maxPositions: 1 << 16) }

    private let prompt = "A nuthatch hides its seeds in the bark."

    /// More tokens than are generated before whoever reads has had its say.
    private let long = 30_000

    private func options(_ maximum: Int = 40) throws -> GenerationOptions {
        try GenerationOptions(maximumNewTokens: maximum, ignoresEndOfTurn: true)
    }

    /// Asks a session for a verb; answers are read whole.
    private func ask(_ session: Session, for verb: SessionState.Verb, file: String) async throws {
        switch verb {
        case .answer: _ = try await session.complete(prompt, options: options(8))
        case .reset: try await session.reset()
        case .saveCache: try await session.saveCache(to: file)
        case .restoreCache: try await session.restoreCache(from: file)
        case .fork: _ = try await session.fork()
        }
    }

    /// What every verb is tried on: a model, a saved cache, and the answer that nothing disturbs.
    private struct Scene {
        let model: LanguageModel
        let directory: TemporaryDirectory
        let file: String
        let alone: Answer
    }

    private func scene() async throws -> Scene {
        let model = try await tiny.load()
        let directory = try TemporaryDirectory()
        return Scene(
            model: model, directory: directory, file: try await saved(model, in: directory),
            alone: try await Session(model).complete(prompt, options: options()))
    }

    /// A saved cache of another text than the prompt.
    private func saved(_ model: LanguageModel, in directory: TemporaryDirectory) async throws -> String {
        let path = "\(directory.path)/saved"
        let session = try Session(model)
        _ = try await session.complete("Of another text altogether.", options: options(20))
        try await session.saveCache(to: path)
        return path
    }

    @Test("While an answer is read every verb is refused, and the answer is what it would have been alone")
    func everyVerbDuringAnAnswer() async throws {
        let scene = try await scene()
        for verb in SessionState.Verb.allCases {
            let session = try Session(scene.model)
            let answer = session.streamCompletion(of: prompt, options: try options(long))
            var pieces = answer.makeAsyncIterator()
            var tokens: [TokenID] = []
            while tokens.count < 3, let piece = try await pieces.next() { tokens += piece.tokens }
            let error = await #expect(throws: NuthatchError.self) {
                try await ask(session, for: verb, file: scene.file)
            }
            #expect(error?.code == .usage)
            #expect(error?.message.contains("still answering") == true)
            // Looking is no change.
            #expect(await session.cacheReport.layers[0].seenTokenCount > 0)
            #expect(await session.messages.isEmpty)
            while tokens.count < scene.alone.tokens.count, let piece = try await pieces.next() {
                tokens += piece.tokens
            }
            #expect(tokens == scene.alone.tokens)
        }
    }

    @Test("Behind an answer whose loop was left every verb waits, and finds the session as it left it")
    func everyVerbBehindAnAnswerThatWasLeft() async throws {
        let scene = try await scene()
        for verb in SessionState.Verb.allCases {
            let session = try Session(scene.model)
            let answer = session.streamCompletion(of: prompt, options: try options(long))
            for try await _ in answer { break }
            try await ask(session, for: verb, file: scene.file)
            #expect(try await answer.report().finishReason == .cancelled)
            await #expect(throws: CancellationError.self) { try await answer.text() }
            if verb == .reset { #expect(await session.cachedTokenCount == 0) }
            #expect(try await session.complete(prompt, options: options()).tokens == scene.alone.tokens)
            // The saved cache is replaced by what was saved here: another text again.
            if verb == .saveCache { _ = try await saved(scene.model, in: scene.directory) }
        }
    }

    @Test("Asked again at once after its loop was left, a session never refuses")
    func bargeIn() async throws {
        let session = try Session(try await tiny.load())
        for round in 0..<40 {
            var pieceCount = 0
            let options = try options(long)
            let answer =
                round.isMultiple(of: 2)
                ? session.streamCompletion(of: prompt, options: options)
                : session.streamResponse(to: "Again", options: options)
            for try await _ in answer {
                pieceCount += 1
                if pieceCount == 1 + round % 4 { break }
            }
        }
    }

    @Test func anAnswerNobodyEverReadGivesWay() async throws {
        let session = try Session(try await tiny.load())
        for _ in 0..<10 { _ = session.streamResponse(to: "Unread", options: try options(long)) }
        let answer = try await session.respond(to: "Read", options: options(5))
        #expect(answer.tokens.count == 5)
        #expect(await session.messages.last == ChatMessage(role: "assistant", answer.text))
    }

    @Test func anAnswerThatIsKeptIsWanted() async throws {
        let session = try Session(try await tiny.load())
        let kept = session.streamCompletion(of: prompt, options: try options(long))
        await #expect(throws: NuthatchError.self) { try await session.reset() }
        for try await _ in kept { break }
        try await session.reset()
        #expect(try await session.respond(to: "Hello.", options: options(5)).tokens.count == 5)
    }

    @Test("A cancelled task has no answer, not a part of one")
    func cancelledTasks() async throws {
        let session = try Session(try await tiny.load())
        let options = try options(long)
        let whole = Task { try await session.complete(prompt, options: options) }
        let text = Task { try await session.streamCompletion(of: prompt, options: options).text() }
        whole.cancel()
        text.cancel()
        await #expect(throws: CancellationError.self) { try await whole.value }
        await #expect(throws: (any Error).self) { try await text.value }

        let stream = session.streamCompletion(of: prompt, options: options)
        let reading = Task {
            var count = 0
            for try await _ in stream { count += 1 }
            return count
        }
        while await session.cachedTokenCount < prompt.utf8.count + 2 { await Task.yield() }
        reading.cancel()
        #expect(try await reading.value < long)
        #expect(try await stream.report().finishReason == .cancelled)
        await #expect(throws: CancellationError.self) { try await stream.text() }
    }

    @Test("An answer that is cancelled while it is read ends with what was held back of it")
    func cancelledAnswer() async throws {
        let session = try Session(try await tiny.load())
        let plain = try await session.complete(prompt, options: options(40))
        let stream = session.streamCompletion(
            of: prompt,
            options: try GenerationOptions(
                sampling: .greedy, maximumNewTokens: long, stopStrings: ["\(plain.text)Z"],
                ignoresEndOfTurn: true))
        var text = ""
        var tokens: [TokenID] = []
        for try await piece in stream {
            text += piece.text
            tokens += piece.tokens
            if tokens.count == 9 { stream.cancel() }
        }
        let report = try await stream.report()
        #expect(report.finishReason == .cancelled && report.generatedTokenCount == tokens.count)
        #expect(text == session.model.tokenizer.decode(tokens))
        await #expect(throws: CancellationError.self) { try await stream.answer() }
        #expect(try await session.complete(prompt, options: options(5)).tokens.count == 5)
    }

    @Test func stepsOfATokenSequenceComeOneAfterAnother() async throws {
        let sequence = try TokenSequence(try await tiny.load())
        let positions = try await withThrowingTaskGroup(of: Range<Int>.self) { group in
            for token in 0..<12 {
                group.addTask { try await sequence.append([TokenID(token), TokenID(token)]).positions }
            }
            return try await group.reduce(into: []) { $0.append($1.lowerBound) }
        }
        #expect(positions.sorted() == Array(stride(from: 0, to: 24, by: 2)))
        #expect(await sequence.tokens.count == 24)
    }
}
