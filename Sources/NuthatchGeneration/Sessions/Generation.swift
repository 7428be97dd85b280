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
    /// Images whose vectors are there.
    private var placed: [PlacedImage] = []
    private var isAdmitted = false
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
        try await begin()
        var next = generator.opening[sequence.tokens.count...]
        while true {
            try await sequence.generate(
                behind: next, grids: images.grids, usesPrefixes: usesCache, place: place
            ) { [self] logits in
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

    /// Goes back to what the cache has of the prompt, and looks at the images behind what is known of it; or reads the source.
    nonisolated(nonsending) private func begin() async throws {
        if !usesCache { sequence.reset() }
        switch model.network {
        case .decoder:
            let content = SequenceContent(promptTokens, images: images.grids)
            _ = sequence.rewind(toPrefixOf: content)
            guard !images.placements.isEmpty else { return }
            let known = usesCache ? sequence.knownTokenCount(of: content) : 0
            for placement in images.placements where placement.grid.range.upperBound > known {
                // Others' steps come between.
                await Task.yield()
                try Task.checkCancellation()
                placed.append(try model.place(placement))
            }
        case .encoderDecoder:
            report.cachedTokenCount = try sequence.read(source: promptTokens)
            _ = sequence.truncate(to: 0)
        }
    }

    /// The images with tokens behind the first `tokenCount`, which are cached.
    private func place(behind tokenCount: Int) throws -> [PlacedImage] {
        if !isAdmitted, usesCache, case .decoder = model.network { report.cachedTokenCount = tokenCount }
        isAdmitted = true
        for placement in images.placements
        where placement.grid.range.upperBound > tokenCount
            && !placed.contains(where: { $0.grid.start == placement.grid.start })
        {
            placed.append(try model.place(placement))
        }
        return placed
    }

    /// Leaves nothing to reuse, to compare with: a source is read again.
    ///
    /// - Returns: what is to be computed then: everything.
    private func forget() throws(ModelError) -> ArraySlice<TokenID> {
        sequence.reset()
        if case .encoderDecoder = model.network { _ = try sequence.read(source: promptTokens) }
        return (generator.opening + generator.tokens)[...]
    }
}
