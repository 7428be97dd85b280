import NuthatchCache
import NuthatchModels
package import NuthatchTensors
import NuthatchTokenizers

/// One answer being generated: prefill in chunks, then token by token until something ends it.
///
/// A decoder goes on behind its prompt. An encoder-decoder reads it as a source, all at once, and begins behind the token
/// that its answers begin with.
package struct Generation {
    let sequence: CachedSequence
    let model: LanguageModel
    let options: GenerationOptions
    let promptTokens: [TokenID]
    let images: ImagePrompt

    package private(set) var report = GenerationReport()
    /// The answer so far, stop strings and special tokens left out.
    private(set) var text = ""
    private var tokens: [TokenID]
    /// Images of which tokens are still to be computed, with their vectors.
    private var placedImages: [PlacedImage] = []
    private var sampler: Sampler
    private var seen: Set<TokenID>
    private var detokenizer: StreamingDecoder
    private var stops: StopMatcher
    private let clock = ContinuousClock()

    package init(
        sequence: CachedSequence, model: LanguageModel, options: GenerationOptions, promptTokens: [TokenID],
        images: ImagePrompt = ImagePrompt()
    ) {
        self.sequence = sequence
        self.model = model
        self.options = options
        self.promptTokens = promptTokens
        self.images = images
        tokens = model.network.answerStart.map { [$0.token] } ?? promptTokens
        sampler = Sampler(options.sampling)
        seen = options.sampling.repetitionPenalty == 1 ? [] : Set(tokens)
        detokenizer = StreamingDecoder(model.tokenizer, skipsSpecialTokens: true)
        stops = StopMatcher(options.stopStrings)
    }

    /// What there is of the answer.
    package var answer: Answer {
        Answer(text: text, tokens: Array(tokens.suffix(report.generatedTokenCount)), report: report)
    }

    // Both run where their caller does, on the engine thread: hence `nonsending`.

    /// Generates until the end. `emit` gets each token with the text it made certain, and what the end lets go of.
    package nonisolated(nonsending) mutating func run(emit: (AnswerStream.Piece) -> Void) async throws {
        // One way out, whatever ends the answer: what is held back was generated, and belongs to it.
        defer {
            release(emit)
            report.kvByteCount = sequence.byteCount
            (report.saturatedKeyCount, report.saturatedValueCount) = sequence.saturatedCounts
        }
        report.finishReason = try await generate(emit)
    }

    nonisolated(nonsending) private mutating func generate(
        _ emit: (AnswerStream.Piece) -> Void
    ) async throws -> GenerationReport.FinishReason {
        report.promptTokenCount = promptTokens.count
        guard !promptTokens.isEmpty else {
            throw NuthatchError(
                code: .badData, message: "The prompt has no tokens.", remedy: "Give at least one character.")
        }
        try model.requireEmbedding(of: promptTokens)
        let beginning = clock.now
        if !options.usesCache { sequence.reset() }
        switch model.network {
        case .decoder:
            try checkPrompt()
            report.cachedTokenCount = sequence.rewind(
                toPrefixOf: SequenceContent(promptTokens, images: images.grids))
        case .encoderDecoder:
            report.cachedTokenCount = try sequence.read(source: promptTokens)
            _ = sequence.truncate(to: 0)
        }
        guard try await computeImages() else { return .cancelled }
        guard var logits = try await prefill() else { return .cancelled }
        report.prefillDuration = clock.now - beginning

        let decodeBeginning = clock.now
        while true {
            guard !Sampler.hasNaN(logits) else {
                throw NuthatchError(
                    code: .badData,
                    message: "The model's numbers for token \(tokens.count) are not all numbers.",
                    remedy: "Check that its file is whole, or hold keys and values in f32.")
            }
            let token = choose(from: logits)
            report.decodeDuration = clock.now - decodeBeginning
            if let reason = take(token, emit) { return reason }
            guard tokens.count < sequence.contextLength ?? .max else { return .contextFull }
            // Lets other sessions of this model, and a cancellation, have their turn.
            await Task.yield()
            if Task.isCancelled { return .cancelled }
            if !options.usesCache { try forget() }
            do {
                guard let next = try await prefill() else { return .cancelled }
                logits = next
            } catch let error as ModelError where error.code == .contextFull {
                return .contextFull
            }
        }
    }

    /// - Throws: `NuthatchError` for a prompt that leaves no room for an answer.
    private func checkPrompt() throws(NuthatchError) {
        guard let context = sequence.contextLength, promptTokens.count >= context else { return }
        let longest = model.network.context.modelLength
        throw NuthatchError(
            code: .contextFull,
            message: "The prompt has \(promptTokens.count) tokens"
                + (images.grids.isEmpty ? "" : ", \(images.tokenCount) of them its images'")
                + "; the context holds \(context), the answer included.",
            remedy:
                "Shorten the prompt by at least \(promptTokens.count - context + 1) tokens"
                + (images.grids.isEmpty ? "" : ", give smaller images")
                + (longest > context
                    ? ", or load the model for a longer context (--context), up to \(longest)." : "."))
    }

    /// The next token: of an encoder-decoder's answer the first may be given, and some may never come.
    private mutating func choose(from logits: UnsafeMutableBufferPointer<Float>) -> TokenID {
        if let start = model.network.answerStart {
            if report.generatedTokenCount == 0, let forced = start.forcedToken { return forced }
            for token in start.barredTokens { logits[Int(token)] = -.infinity }
        }
        return sampler.sample(logits, seen: seen)
    }

    /// Leaves nothing to reuse, to compare with: a source is read again.
    private func forget() throws(ModelError) {
        sequence.reset()
        if case .encoderDecoder = model.network { _ = try sequence.read(source: promptTokens) }
    }

    /// Computes the vectors of images of which the cache does not hold all tokens; false if cancelled between two.
    nonisolated(nonsending) private mutating func computeImages() async throws -> Bool {
        for placement in images.placements
        where placement.grid.range.upperBound > report.cachedTokenCount {
            if !placedImages.isEmpty { await Task.yield() }
            if Task.isCancelled { return false }
            let features = try model.requireVision().features(of: placement.image, on: model.workers)
            placedImages.append(PlacedImage(grid: placement.grid, features: features))
        }
        return true
    }

    /// Computes the tokens the cache does not hold; nil if cancelled between chunks.
    nonisolated(nonsending) private mutating func prefill() async throws -> UnsafeMutableBufferPointer<Float>?
    {
        var logits: UnsafeMutableBufferPointer<Float>?
        while sequence.tokens.count < tokens.count {
            // No suspension after the last chunk: the logits are valid until the next pass.
            if logits != nil { await Task.yield() }
            if Task.isCancelled { return nil }
            let start = sequence.tokens.count
            let end = min(tokens.count, start + model.chunkLength)
            logits = try sequence.append(tokens[start..<end], images: placedImages)
        }
        return logits
    }

    private mutating func take(
        _ token: TokenID, _ emit: (AnswerStream.Piece) -> Void
    ) -> GenerationReport.FinishReason? {
        tokens.append(token)
        report.generatedTokenCount += 1
        if options.sampling.repetitionPenalty != 1 { seen.insert(token) }
        let ends = model.endTokens.contains(token) && !options.ignoresEndOfTurn
        // Special tokens are not shown, but a stop string may name them.
        let isMarkup = ends || model.tokenizer.isSpecial(token)
        let outcome =
            isMarkup
            ? stops.append(String(decoding: model.tokenizer.bytes(of: token), as: UTF8.self), isShown: false)
            : stops.append(detokenizer.append(token))
        show(outcome.text, of: [token], emit)
        if ends { return .endOfTurn }
        if outcome.stopped { return .stopString }
        return report.generatedTokenCount == options.maximumNewTokens ? .maximumNewTokens : nil
    }

    /// Lets go of what might have become a stop string or a character, now that nothing more comes.
    private mutating func release(_ emit: (AnswerStream.Piece) -> Void) {
        let rest = stops.finish(detokenizer.finish())
        if !rest.isEmpty { show(rest, of: [], emit) }
    }

    private mutating func show(
        _ shown: String, of tokens: [TokenID], _ emit: (AnswerStream.Piece) -> Void
    ) {
        text += shown
        emit(AnswerStream.Piece(text: shown, tokens: tokens))
    }
}
