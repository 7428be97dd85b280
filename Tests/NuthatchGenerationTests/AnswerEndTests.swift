import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import NuthatchTokenizers
import Synchronization
import Testing

/// Whatever ends an answer, its text is what its tokens say.
@Suite struct AnswerEndTests {
    private func options(
        _ maximum: Int? = nil, stops: [String] = [], seed: UInt64 = 1
    ) throws -> GenerationOptions {
        try GenerationOptions(
            sampling: SamplingOptions(temperature: 1.5, seed: seed), maximumNewTokens: maximum,
            stopStrings: stops, ignoresEndOfTurn: true)
    }

    /// A stop string that begins with the text's last byte, and goes on otherwise.
    private func almost(_ text: String) -> String { "\(text.last.map(String.init) ?? "")ZZZ" }

    @Test(
        "What was held back for a stop string is let go of at every end",
        arguments: [GenerationReport.FinishReason.contextFull, .maximumNewTokens], [UInt64(1), 2, 3, 4])
    func heldTextIsReleased(reason: GenerationReport.FinishReason, seed: UInt64) async throws {
        let model = try await TinyModel.llama(maxPositions: 32).load()
        let maximum = reason == .maximumNewTokens ? 12 : nil
        let plain = try await Session(model).complete("abc", options: options(maximum, seed: seed))
        let stream = try Session(model).streamCompletion(
            of: "abc", options: try options(maximum, stops: [almost(plain.text)], seed: seed))
        var pieces = ""
        for try await piece in stream { pieces += piece.text }
        let answer = try await stream.answer()
        #expect(answer.finishReason == reason)
        #expect(answer.tokens == plain.tokens)
        #expect(answer.text == plain.text && pieces == plain.text)
        #expect(answer.text == model.tokenizer.decode(answer.tokens))
    }

    @Test func aFullReservationLetsGoOfHeldTextToo() async throws {
        let model = try await TinyModel.llama(maxPositions: 256).load()
        let cache = try CacheOptions(growth: .reserved(tokenCount: 64))
        let plain = try await Session(model, cache: cache).complete("abc", options: options())
        #expect(plain.finishReason == .contextFull)
        let answer = try await Session(model, cache: cache)
            .complete("abc", options: options(stops: [almost(plain.text)]))
        #expect(answer == plain.timed(as: answer))
    }

    @Test func aCancelledAnswerLetsGoOfHeldTextToo() async throws {
        let model = try await TinyModel.llama().load()
        let plain = try await Session(model).complete("abc", options: options(40))
        let options = try options(40, stops: ["\(plain.text)Z"])
        let running = Mutex<Task<(Answer, [AnswerStream.Piece]), any Error>?>(nil)
        let task = Task {
            // Cancelled from within by then.
            while running.withLock({ $0 == nil }) { await Task.yield() }
            let generation = Generation(
                sequence: try CachedSequence(model: model, cache: .default), model: model, options: options,
                promptTokens: try model.tokenizer.encode("abc"))
            var pieces: [AnswerStream.Piece] = []
            try await generation.run { step in
                pieces.append(step.piece)
                if pieces.count == 9 { running.withLock { $0?.cancel() } }
            }
            return (generation.answer, pieces)
        }
        running.withLock { $0 = task }
        let (answer, pieces) = try await task.value
        #expect(answer.finishReason == .cancelled)
        #expect(answer.tokens == Array(plain.tokens.prefix(9)))
        #expect(answer.text == model.tokenizer.decode(answer.tokens))
        #expect(pieces.map(\.text) == Array(repeating: "", count: 9) + [answer.text])
    }

    @Test("A special token ends the answer where it is a stop string, alone or with the text around it")
    func specialTokens() async throws {
        let model = try await TinyModel.llama().load()
        var tried = 0
        for seed in UInt64(1)...12 {
            let plain = try await Session(model).complete("abc", options: options(200, seed: seed))
            guard
                let place = plain.tokens.firstIndex(where: {
                    model.tokenizer.isSpecial($0) && Int($0) != TinyTokenizer.beginning
                }), place > 0
            else { continue }
            let name = model.tokenizer.text(of: plain.tokens[place])
            let before = model.tokenizer.decode(plain.tokens[..<place])
            var expected = [(name, before)]
            // One byte before it, where that is a character of its own.
            if plain.tokens[place - 1] < 128, let last = before.last {
                expected.append(("\(last)\(name)", String(before.dropLast())))
            }
            for (stop, text) in expected {
                let answer = try await Session(model)
                    .complete("abc", options: options(200, stops: [stop], seed: seed))
                #expect(answer.finishReason == .stopString)
                #expect(answer.tokens == Array(plain.tokens[...place]))
                #expect(answer.text == text)
                tried += 1
            }
        }
        #expect(tried > 3)
    }

    @Test func aStopThatSpansTheTokenThatEndsTheTurnIsNotShown() async throws {
        let model = try await TinyModel.llama(
            endTokens: Array(TinyModel.end..<TinyModel.end + TinyModel.markup.count)
        ).load()
        var tried = 0
        for seed in UInt64(1)...40 {
            let sampling = try SamplingOptions(temperature: 1.5, seed: seed)
            let plain = try await Session(model)
                .complete("abc", options: GenerationOptions(sampling: sampling, maximumNewTokens: 150))
            guard plain.finishReason == .endOfTurn, let last = plain.text.last, last.isASCII,
                let end = plain.tokens.last.map(model.tokenizer.text)
            else { continue }
            let answer = try await Session(model).complete(
                "abc",
                options: GenerationOptions(
                    sampling: sampling, maximumNewTokens: 150, stopStrings: ["\(last)\(end)"]))
            #expect(answer.finishReason == .endOfTurn)
            #expect(answer.text == String(plain.text.dropLast()))
            tried += 1
        }
        #expect(tried > 0)
    }
}

extension Answer {
    /// This answer with another's times, which no two answers share.
    fileprivate func timed(as other: Answer) -> Answer {
        text == other.text && tokens == other.tokens && finishReason == other.finishReason ? other : self
    }
}
