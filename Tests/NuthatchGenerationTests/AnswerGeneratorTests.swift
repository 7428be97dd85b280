import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import NuthatchTokenizers
import Testing

/// Answers to logits that a script gives: no model, no cache, no thread.
@Suite struct AnswerGeneratorTests {
    private static let vocabularySize = TinyTokenizer.vocabularySize + TinyModel.markup.count
    private static let endOfTurn = TokenID(TinyModel.end)
    /// Special, and no end.
    private static let markup = TokenID(TinyModel.end + 1)
    private let tokenizer: Tokenizer

    init() async throws { tokenizer = try await TinyModel.llama().load().tokenizer }

    private func generator(
        _ options: GenerationOptions = .default, prompt: [TokenID] = [72, 105],
        start: EncoderDecoderSpecification.AnswerStart? = nil,
        limit: SequenceLimit = SequenceLimit(contextLength: nil, capacity: 1000)
    ) -> AnswerGenerator {
        AnswerGenerator(
            to: prompt, start: start, options: options, tokenizer: tokenizer, endTokens: [Self.endOfTurn],
            limit: limit)
    }

    /// Logits of which a token's is the largest.
    private static func logits(for token: TokenID) -> [Float] {
        var logits = Array(repeating: Float(0), count: vocabularySize)
        logits[Int(token)] = 1
        return logits
    }

    /// Logits that look random.
    private static func logits(step: Int) -> [Float] {
        var generator = NuthatchTestSupport.SeededGenerator(seed: UInt64(step))
        return (0..<vocabularySize).map { _ in 3 * generator.normal() }
    }

    /// Tokens whose bytes are a text's.
    private static func tokens(_ text: String) -> [TokenID] { text.utf8.map { TokenID($0) } }

    private func next(_ generator: inout AnswerGenerator, _ logits: [Float]) throws -> AnswerStep {
        var logits = logits
        var row = logits.mutableSpan
        return try generator.next(&row)
    }

    /// Has the generator choose tokens until it ends.
    private func say(_ tokens: [TokenID], _ generator: inout AnswerGenerator) throws -> [AnswerStep] {
        var steps: [AnswerStep] = []
        for token in tokens {
            let step = try next(&generator, Self.logits(for: token))
            steps.append(step)
            guard case .feed = step.next else { break }
        }
        return steps
    }

    private func step(_ text: String, _ token: TokenID, _ next: AnswerStep.Next? = nil) -> AnswerStep {
        AnswerStep(
            piece: AnswerStream.Piece(text: text, tokens: [token]), bytes: tokenizer.bytes(of: token),
            next: next ?? .feed(token))
    }

    private func options(
        _ maximum: Int? = nil, stops: [String] = [], ignoresEnd: Bool = false, seed: UInt64? = nil
    ) throws -> GenerationOptions {
        try GenerationOptions(
            sampling: seed.map { try SamplingOptions(temperature: 2, seed: $0) } ?? .greedy,
            maximumNewTokens: maximum, stopStrings: stops, ignoresEndOfTurn: ignoresEnd)
    }

    @Test("Each token is shown as text and fed, the prompt before the first")
    func greedy() throws {
        var generator = generator()
        #expect(generator.opening == [72, 105])
        #expect(try say([97, 98], &generator) == [step("a", 97), step("b", 98)])
        #expect(generator.tokens == [97, 98] && generator.text == "ab" && generator.finishReason == nil)
    }

    @Test("A character of several tokens is shown whole, with its last one")
    func characters() throws {
        var generator = generator()
        let texts = try say(Self.tokens("中é"), &generator).map(\.piece.text)
        #expect(texts == ["", "", "中", "", "é"])
    }

    /// Drawn by a sampler that penalised tokens itself, and was not asked where one was forced.
    @Test("Penalty, suppression and a forced token leave the random stream as it is")
    func sampled() throws {
        let drawn: [TokenID] = [
            152, 130, 222, 79, 223, 196, 53, 39, 205, 27, 86, 107, 207, 246, 53, 89, 18, 236, 142, 44, 9, 219,
            135, 74,
        ]
        let restricted: [TokenID] = [
            65, 205, 255, 231, 225, 174, 7, 39, 170, 68, 235, 28, 77, 59, 27, 89, 212, 49, 232, 44,
            9, 64, 135, 74,
        ]
        let free: [TokenID] = [
            3, 83, 28, 203, 241, 209, 173, 128, 53, 85, 225, 259, 40, 178, 242, 239, 14, 93, 238, 220, 172,
            127, 63, 74,
        ]
        let penalised = try GenerationOptions(
            sampling: SamplingOptions(
                temperature: 0.9, topK: 40, topP: 0.95, minP: 0.02, repetitionPenalty: 1.3, seed: 7),
            ignoresEndOfTurn: true)
        let start = EncoderDecoderSpecification.AnswerStart(
            token: 256, forcedFirstToken: 65, suppressedTokens: [53, 86, 223])
        for (options, start, expected) in [
            (penalised, nil, drawn), (penalised, start, restricted),
            (try self.options(ignoresEnd: true, seed: 9), nil, free),
        ] {
            var generator = generator(options, start: start)
            for step in expected.indices { _ = try next(&generator, Self.logits(step: step)) }
            #expect(generator.tokens == expected)
        }
    }

    @Test("A greedy answer repeats no token that a penalty falls on")
    func penalty() throws {
        var generator = generator(
            try GenerationOptions(sampling: SamplingOptions(repetitionPenalty: 2)), prompt: [97])
        var logits = Self.logits(for: 97)
        logits[98] = 0.9
        logits[99] = 0.4
        #expect(try next(&generator, logits).next == .feed(98))
        // Halved, 97 is before 98, which is halved too, and before 99.
        #expect(try next(&generator, logits).next == .feed(97))
    }

    @Test("A stop string ends the answer before it, across tokens")
    func stopAcrossTokens() throws {
        var generator = generator(try options(stops: ["cd", "x"]))
        #expect(
            try say(Self.tokens("abcdef"), &generator) == [
                step("a", 97), step("b", 98), step("", 99), step("", 100, .finish(.stopString)),
            ])
        #expect(generator.text == "ab" && generator.tokens.count == 4)
    }

    @Test("What did not become a stop string is shown with the token that says so")
    func almostAStop() throws {
        var generator = generator(try options(stops: ["cde"]))
        #expect(try say(Self.tokens("bcdf"), &generator).map(\.piece.text) == ["b", "", "", "cdf"])
    }

    @Test("A special token is not shown, and a stop string may name it, alone or with text")
    func stopOfSpecialTokens() throws {
        var plain = generator()
        #expect(try say([97, Self.markup, 98], &plain).map(\.piece.text) == ["a", "", "b"])
        let name = tokenizer.text(of: Self.markup)
        for (stop, text) in [(name, "ab"), ("b\(name)", "a")] {
            var generator = generator(try options(stops: [stop]))
            let steps = try say([97, 98, Self.markup, 99], &generator)
            #expect(steps.count == 3 && steps.last == step("", Self.markup, .finish(.stopString)))
            #expect(generator.text == text)
        }
    }

    @Test("A character that is not whole hides no stop string that names the special token behind it")
    func stopBehindATornCharacter() throws {
        let (name, torn) = (tokenizer.text(of: Self.markup), Self.tokens("中"))
        let cases: [(stop: String, spoken: [TokenID], text: String, count: Int)] = [
            ("\(name)b", [torn[0], torn[1], Self.markup, 98, 99], "\u{FFFD}", 4),
            (name, [torn[0], Self.markup, 98], "\u{FFFD}", 2),
            ("\u{FFFD}\(name)", [97, torn[0], Self.markup, 98], "a", 3),
            // No stop string reaches into the token, so the character goes on behind it.
            ("x\(name)", [torn[0], torn[1], Self.markup, torn[2]], "中", 4),
        ]
        for (stop, spoken, text, count) in cases {
            var generator = generator(try options(stops: [stop]))
            #expect(try say(spoken, &generator).count == count, "\(stop)")
            #expect(generator.text == text, "\(stop)")
        }
    }

    @Test("A token that ends the turn ends the answer and lets go of what was held back")
    func endOfTurn() throws {
        var generator = generator(try options(stops: ["cd"]))
        let torn = Self.tokens("中")[0]
        #expect(
            try say([99, Self.endOfTurn, 97], &generator) == [
                step("", 99), step("c", Self.endOfTurn, .finish(.endOfTurn)),
            ])
        var other = self.generator()
        #expect(try say([torn, Self.endOfTurn], &other).map(\.piece.text) == ["", "\u{FFFD}"])
        #expect(other.finishReason == .endOfTurn)
    }

    @Test func anEndOfTurnThatIsIgnoredIsNotShownEither() throws {
        var generator = generator(try options(ignoresEnd: true))
        #expect(
            try say([97, Self.endOfTurn, 98], &generator) == [
                step("a", 97), step("", Self.endOfTurn), step("b", 98),
            ])
    }

    @Test("As many tokens as may come, with what the last one held back", arguments: [1, 3])
    func maximum(count: Int) throws {
        var generator = generator(try options(count, stops: ["aaaab"]))
        let steps = try say(Self.tokens("aaaaa"), &generator)
        #expect(steps.count == count)
        #expect(
            steps.last == step(String(repeating: "a", count: count), 97, .finish(.maximumNewTokens)))
    }

    @Test(
        "An encoder-decoder's answer begins behind its start, with the forced token, and never has suppressed ones"
    )
    func answerStart() throws {
        let start = EncoderDecoderSpecification.AnswerStart(
            token: 256, forcedFirstToken: 65, suppressedTokens: [97])
        var generator = generator(start: start)
        #expect(generator.opening == [256])
        #expect(try next(&generator, Self.logits(for: 98)) == step("A", 65))
        var logits = Self.logits(for: 97)
        logits[98] = 0.5
        #expect(try next(&generator, logits) == step("b", 98))
    }

    @Test("A logit that is no number is refused by the token's number, and nothing has changed")
    func notANumber() throws {
        var generator = generator(try options(seed: 3))
        var twin = generator
        var broken = Self.logits(step: 1)
        broken[200] = .nan
        let error = try #require(throws: NuthatchError.self) { try next(&generator, broken) }
        #expect(error.code == .badData)
        #expect(error.message == "The model's numbers for token 2 are not all numbers.")
        #expect(try next(&generator, Self.logits(step: 1)) == next(&twin, Self.logits(step: 1)))
    }

    @Test("An end from outside lets go of what was held back, once")
    func cancelled() throws {
        var generator = generator(try options(stops: ["abcd"]))
        #expect(try say(Self.tokens("abc"), &generator).map(\.piece.text) == ["", "", ""])
        let rest = generator.end(.cancelled)
        #expect(rest == AnswerStep(piece: .init(text: "abc", tokens: []), next: .finish(.cancelled)))
        #expect(generator.text == "abc")
        let nothing = AnswerStep(piece: .init(text: "", tokens: []), next: .finish(.cancelled))
        #expect(generator.end(.contextFull) == nothing)
        #expect(try next(&generator, Self.logits(for: 100)) == nothing)
        #expect(generator.tokens.count == 3 && generator.finishReason == .cancelled)
    }

    @Test("A context ends an answer with its last token, a full cache with the one behind it")
    func contextFull() throws {
        for (limit, count) in [
            (SequenceLimit(contextLength: 5, capacity: 1000), 3),
            (SequenceLimit(contextLength: 3, capacity: 9), 1),
            (SequenceLimit(contextLength: nil, capacity: 5), 4),
            (SequenceLimit(contextLength: 100, capacity: 2), 1),
        ] {
            var generator = generator(try options(stops: ["aaaaaaab"]), limit: limit)
            let steps = try say(Self.tokens("aaaaaaa"), &generator)
            #expect(steps.count == count, "\(limit)")
            #expect(
                steps.last == step(String(repeating: "a", count: count), 97, .finish(.contextFull)))
        }
    }

    @Test("A copy goes on by itself to the same answer")
    func fork() throws {
        let options = try GenerationOptions(
            sampling: SamplingOptions(temperature: 1.5, repetitionPenalty: 1.2, seed: 11),
            stopStrings: ["never comes"], ignoresEndOfTurn: true)
        var origin = generator(options)
        for step in 0..<10 { _ = try next(&origin, Self.logits(step: step)) }
        var copy = origin
        let steps = try (10..<40).map { try next(&origin, Self.logits(step: $0)) }
        #expect(copy.tokens.count == 10)
        #expect(try (10..<40).map { try next(&copy, Self.logits(step: $0)) } == steps)
        #expect(copy.text == origin.text && copy.tokens == origin.tokens)
    }

    @Test("Steps say all that an answer is")
    func stepsAreTheAnswer() throws {
        var generator = generator(try options(30, stops: ["zz"], ignoresEnd: true, seed: 5))
        var steps: [AnswerStep] = []
        while generator.finishReason == nil {
            steps.append(try next(&generator, Self.logits(step: steps.count)))
        }
        #expect(steps.flatMap(\.piece.tokens) == generator.tokens && generator.tokens.count == 30)
        #expect(steps.map(\.piece.text).joined() == generator.text)
        #expect(generator.text == tokenizer.decode(generator.tokens))
        #expect(steps.map(\.bytes) == generator.tokens.map(tokenizer.bytes))
    }
}
