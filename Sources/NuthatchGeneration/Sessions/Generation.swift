import NuthatchCache
import NuthatchModels
package import NuthatchTensors
import NuthatchTokenizers

/// Drives an answer on the engine thread: finds what the cache has of the prompt, computes the rest and then token by token,
/// and gives the logits to an `AnswerGenerator`, which decides everything else.
///
/// A decoder goes on behind its prompt. An encoder-decoder reads it as a source, all at once, and begins behind the token
/// that its answers begin with.
package final class Generation {
    private let sequence: CachedSequence
    private let model: LanguageModel
    private let promptTokens: [TokenID]
    private let images: ImagePrompt
    /// Off recomputes the whole sequence for every token.
    private let usesCache: Bool
    private var generator: AnswerGenerator
    private var report = GenerationReport()
    private let clock = ContinuousClock()
    private var beginning = ContinuousClock.now
    private var decodeBeginning = ContinuousClock.now

    package init(
        sequence: CachedSequence, model: LanguageModel, options: GenerationOptions, promptTokens: [TokenID],
        images: ImagePrompt = ImagePrompt()
    ) {
        self.sequence = sequence
        self.model = model
        self.promptTokens = promptTokens
        self.images = images
        usesCache = options.usesCache
        generator = AnswerGenerator(
            to: promptTokens, start: model.network.answerStart, options: options, tokenizer: model.tokenizer,
            endTokens: model.endTokens, limit: sequence.limit)
    }

    /// What there is of the answer.
    package var answer: Answer { Answer(text: generator.text, tokens: generator.tokens, report: report) }

    // What is async here runs where its caller does, on the engine thread: hence `nonsending`.

    /// Generates until the end.
    ///
    /// - Parameter take: gets each step, and what an end from outside lets go of.
    package nonisolated(nonsending) func run(take: @escaping (AnswerStep) -> Void) async throws {
        // One way out, whatever ends the answer: what is held back was generated, and belongs to it.
        defer {
            let rest = generator.end(.cancelled)
            if !rest.piece.text.isEmpty { take(rest) }
            report.finishReason = generator.finishReason ?? .cancelled
            report.generatedTokenCount = generator.tokens.count
            report.kvByteCount = sequence.byteCount
            (report.saturatedKeyCount, report.saturatedValueCount) = sequence.saturatedCounts
        }
        do { try await generate(take) } catch is CancellationError {}
    }

    nonisolated(nonsending) private func generate(_ take: @escaping (AnswerStep) -> Void) async throws {
        report.promptTokenCount = promptTokens.count
        try checkPrompt()
        beginning = clock.now
        let images = try await begin()
        var next = generator.opening[sequence.tokens.count...]
        while true {
            try await sequence.generate(behind: next, images: images, allImages: allImages) { [self] logits in
                let chosen = try choose(from: logits)
                take(chosen)
                guard case .feed(let token) = chosen.next else { return nil }
                return usesCache ? token : nil
            }
            if generator.finishReason != nil { return }
            next = try forget()
        }
    }

    private func choose(from logits: Rows) throws(NuthatchError) -> AnswerStep {
        if generator.tokens.isEmpty {
            decodeBeginning = clock.now
            report.prefillDuration = decodeBeginning - beginning
        }
        defer { report.decodeDuration = clock.now - decodeBeginning }
        return try logits.withRow(0) { (row) throws(NuthatchError) in try generator.next(&row) }
    }

    /// - Throws: `NuthatchError` for a prompt that has no tokens, some that the model never learned, or too many.
    private func checkPrompt() throws(NuthatchError) {
        guard !promptTokens.isEmpty else {
            throw NuthatchError(
                code: .badData, message: "The prompt has no tokens.", remedy: "Give at least one character.")
        }
        try model.requireEmbedding(of: promptTokens)
        guard case .decoder = model.network else { return }
        try sequence.limit.checkPrompt(
            tokenCount: promptTokens.count, imageTokenCount: images.tokenCount,
            longestContext: model.network.context.modelLength)
    }

    /// Goes back to what the cache has of the prompt, or reads the source.
    ///
    /// - Returns: the images of which tokens are still to be computed, with their vectors.
    nonisolated(nonsending) private func begin() async throws -> [PlacedImage] {
        if !usesCache { sequence.reset() }
        switch model.network {
        case .decoder:
            report.cachedTokenCount = sequence.rewind(
                toPrefixOf: SequenceContent(promptTokens, images: images.grids))
        case .encoderDecoder:
            report.cachedTokenCount = try sequence.read(source: promptTokens)
            _ = sequence.truncate(to: 0)
        }
        var placed: [PlacedImage] = []
        for placement in images.placements
        where placement.grid.range.upperBound > report.cachedTokenCount {
            await Task.yield()
            try Task.checkCancellation()
            placed.append(try place(placement))
        }
        return placed
    }

    private func place(_ placement: ImagePrompt.Placement) throws -> PlacedImage {
        PlacedImage(
            grid: placement.grid,
            features: try model.requireVision().features(of: placement.image, on: model.workers))
    }

    /// The vectors of all images, for a sequence that is computed again.
    private func allImages() throws -> [PlacedImage] { try images.placements.map(place) }

    /// Leaves nothing to reuse, to compare with: a source is read again.
    ///
    /// - Returns: what is to be computed then: everything.
    private func forget() throws(ModelError) -> ArraySlice<TokenID> {
        sequence.reset()
        if case .encoderDecoder = model.network { _ = try sequence.read(source: promptTokens) }
        return (generator.opening + generator.tokens)[...]
    }
}
