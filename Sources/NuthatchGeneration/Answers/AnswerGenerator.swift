package import NuthatchCache
package import NuthatchModels
package import NuthatchTensors
package import NuthatchTokenizers

/// An answer as a state machine: it is given logits, and says what to show, what to compute next, and when to end.
///
/// It has no threads, clocks, model or cache. A copy goes on by itself, to the same answer where it is given the same logits.
///
///     logits -> NaN check -> processors -> sampler -> token -> bytes -> text -> stop strings -> piece
///
/// Where an answer ends, what was held back for a character or a stop string that never came belongs to it and is shown.
package struct AnswerGenerator: Sendable {
    /// What is computed before the answer's first token: the prompt or, in an encoder-decoder, which has read that as a source,
    /// the one token that its answers begin with.
    package let opening: [TokenID]
    /// The tokens generated, the one that ended the answer included.
    package private(set) var tokens: [TokenID] = []
    /// The answer so far, stop strings and special tokens left out.
    package private(set) var text = ""
    /// Why the answer ended; nil while it goes on.
    package private(set) var finishReason: GenerationReport.FinishReason?

    private let tokenizer: Tokenizer
    private let endTokens: Set<TokenID>
    private let limit: SequenceLimit
    private let maximumNewTokens: Int?
    private let ignoresEndOfTurn: Bool
    /// In the order in which they see the logits.
    private var processors: [any LogitProcessor] = []
    private var sampler: Sampler
    private var decoder: StreamingDecoder
    private var stops: StopMatcher

    /// An answer that has not begun.
    ///
    /// - Parameters:
    ///   - prompt: what is answered.
    ///   - start: how the answers of an encoder-decoder begin; nil for a decoder, which goes on behind the prompt.
    ///   - endTokens: those with which the model ends its turn.
    ///   - limit: of the sequence that the answer is part of.
    package init(
        to prompt: [TokenID], start: EncoderDecoderSpecification.AnswerStart? = nil,
        options: GenerationOptions,
        tokenizer: Tokenizer, endTokens: Set<TokenID>, limit: SequenceLimit
    ) {
        self.tokenizer = tokenizer
        self.endTokens = endTokens
        self.limit = limit
        maximumNewTokens = options.maximumNewTokens
        ignoresEndOfTurn = options.ignoresEndOfTurn
        opening = start.map { [$0.token] } ?? prompt
        if let first = start?.forcedFirstToken { processors.append(ForcedFirstToken(first)) }
        if let start, !start.suppressedTokens.isEmpty {
            processors.append(SuppressedTokens(start.suppressedTokens))
        }
        let penalty = options.sampling.repetitionPenalty
        if penalty != 1 { processors.append(RepetitionPenalty(penalty, behind: opening)) }
        sampler = Sampler(options.sampling)
        decoder = StreamingDecoder(tokenizer, skipsSpecialTokens: true)
        stops = StopMatcher(options.stopStrings)
    }

    /// Chooses the next token.
    ///
    /// - Parameter logits: those behind all tokens so far, [vocabulary]; changed in place.
    /// - Returns: the step; nothing to show, and the reason, where the answer had ended.
    /// - Throws: `NuthatchError` (badData) for a logit that is no number, with nothing changed.
    package mutating func next(_ logits: inout MutableSpan<Float>) throws(NuthatchError) -> AnswerStep {
        if let finishReason { return nothing(behind: finishReason) }
        guard !Sampler.hasNaN(logits.span) else {
            throw NuthatchError(
                code: .badData,
                message:
                    "The model's numbers for token \(opening.count + tokens.count) are not all numbers.",
                remedy: "Check that its file is whole, or hold keys and values in f32.")
        }
        let token = choose(from: &logits)
        tokens.append(token)
        for index in processors.indices { processors[index].accept(token) }
        return take(token)
    }

    /// Ends the answer from outside, where nothing of its own did: its reader went, or its memory.
    ///
    /// - Returns: what was held back; nothing where the answer had ended.
    package mutating func end(_ reason: GenerationReport.FinishReason) -> AnswerStep {
        if let finishReason { return nothing(behind: finishReason) }
        let rest = finish(reason)
        text += rest
        return AnswerStep(piece: AnswerStream.Piece(text: rest, tokens: []), next: .finish(reason))
    }

    private func nothing(behind reason: GenerationReport.FinishReason) -> AnswerStep {
        AnswerStep(piece: AnswerStream.Piece(text: "", tokens: []), next: .finish(reason))
    }

    private mutating func choose(from logits: inout MutableSpan<Float>) -> TokenID {
        for index in processors.indices {
            if let forced = processors[index].forcedToken { return forced }
        }
        for index in processors.indices { processors[index].process(&logits) }
        return sampler.sample(logits.span)
    }

    private mutating func take(_ token: TokenID) -> AnswerStep {
        let bytes = tokenizer.bytes(of: token)
        let endsTurn = endTokens.contains(token) && !ignoresEndOfTurn
        let isMarkup = endsTurn || tokenizer.isSpecial(token)
        let outcome =
            isMarkup ? passMarkup(bytes) : stops.append(decoder.append(token, bytes: bytes))
        let reason = endsTurn ? .endOfTurn : outcome.stopped ? .stopString : reachedLimit
        let shown = outcome.text + (reason.map { finish($0) } ?? "")
        text += shown
        return AnswerStep(
            piece: AnswerStream.Piece(text: shown, tokens: [token]), bytes: bytes,
            next: reason.map { .finish($0) } ?? .feed(token))
    }

    /// Takes a special token, which is not shown, but which a stop string may name.
    ///
    /// A character that is not whole goes on behind the token, as it does in `Tokenizer.decode`; only where a stop string
    /// reaches into the token it ends there, as U+FFFD, for the string decides before more of it could come.
    private mutating func passMarkup(_ bytes: [UInt8]) -> StopMatcher.Outcome {
        let spelling = String(decoding: bytes, as: UTF8.self)
        var (ended, closed) = (decoder, stops)
        let torn = ended.finish()
        guard !torn.isEmpty else { return stops.append(spelling, isShown: false) }
        var outcome = closed.append(torn)
        if !outcome.stopped {
            let shown = outcome.text
            outcome = closed.append(spelling, isShown: false)
            outcome.text = shown + outcome.text
        }
        guard outcome.stopped || closed.holdsBack else { return stops.append(spelling, isShown: false) }
        (decoder, stops) = (ended, closed)
        return outcome
    }

    private var reachedLimit: GenerationReport.FinishReason? {
        if tokens.count == maximumNewTokens { return .maximumNewTokens }
        return limit.excess(ofAnswerBehind: opening.count + tokens.count) == nil ? nil : .contextFull
    }

    /// Lets go of what might have become a stop string or a character, now that nothing more comes.
    private mutating func finish(_ reason: GenerationReport.FinishReason) -> String {
        finishReason = reason
        return stops.finish(decoder.finish())
    }
}
