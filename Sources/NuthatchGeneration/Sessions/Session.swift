import NuthatchCache
import NuthatchModels
public import NuthatchTensors
public import NuthatchTokenizers
public import NuthatchVision

/// A conversation with a model and the cache it has filled.
///
/// Each turn computes only what the cache does not hold yet. All work runs on the model's engine thread; one
/// answer at a time.
public actor Session {
    /// The model that answers.
    public nonisolated let model: LanguageModel
    /// The conversation so far, the system message included.
    public private(set) var messages: [ChatMessage]

    /// Tokens that prompts and answers may have together; nil where they go on without end (sinks and a window within
    /// the model's context, and no `LoadOptions.contextLength`).
    public nonisolated let contextLength: Int?

    private let cacheOptions: CacheOptions
    let sequence: CachedSequence
    /// What templates print as today: fixed, so that a later turn renders the earlier ones as before.
    private let date = ChatDate.today
    private var transcript = Transcript()
    /// The images of the conversation so far, and where the transcript has them.
    private var images: [PromptImage] = []
    private var placed = ImagePrompt()
    private var isAnswering = false

    /// Runs the session's code on the model's engine thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.asUnownedSerialExecutor() }

    /// Begins a conversation.
    ///
    /// - Parameters:
    ///   - system: the system message; nil leaves it to the model's template.
    ///   - cache: how keys and values are kept.
    /// - Throws: `NuthatchError` where the cache can't be had as asked, or an encoder-decoder is told how to converse.
    public init(_ model: LanguageModel, system: String? = nil, cache: CacheOptions = .default)
        throws(NuthatchError)
    {
        if system != nil { _ = try model.requireDecoder(for: "A system message") }
        self.model = model
        messages = system.map { [ChatMessage(role: "system", $0)] } ?? []
        cacheOptions = cache
        sequence = try CachedSequence(model: model, cache: cache)
        contextLength = sequence.contextLength
    }

    /// Answers a message of the user's, in the conversation.
    ///
    /// - Parameter images: shown before the message's text, in this order; models that read text alone refuse them.
    public nonisolated func respond(
        to prompt: String, images: [RGBImage] = [], options: GenerationOptions = .default
    ) -> AnswerStream {
        stream { session, continuation in
            try await session.answer(
                .message(prompt), showing: images, options: options, continuation: continuation)
        }
    }

    /// Continues a raw text: no chat template, no conversation; the cache is reused where the text begins alike.
    ///
    /// An encoder-decoder answers it: translates, sums up or does what else it was trained for. What was read of the
    /// text is reused where it is the same as before.
    ///
    /// - Parameter images: for the text's image tokens, one each, in their order.
    public nonisolated func complete(
        _ prompt: String, images: [RGBImage] = [], options: GenerationOptions = .default
    ) -> AnswerStream {
        stream { session, continuation in
            try await session.answer(
                .text(prompt), showing: images, options: options, continuation: continuation)
        }
    }

    /// Forgets the conversation (not its system message) and the cache.
    public func reset() {
        messages.removeAll { $0.role != "system" }
        transcript = Transcript()
        images = []
        placed = ImagePrompt()
        sequence.reset()
    }

    /// Bytes of keys and values held now.
    public var kvByteCount: Int { sequence.byteCount }

    /// What the cache holds now, layer by layer.
    public var cacheReport: CacheReport { CacheReport(sequence, options: cacheOptions) }

    /// Tokens whose keys and values are held now.
    public var cachedTokenCount: Int { sequence.source.count + sequence.tokens.count }

    private enum Prompt {
        case message(String)
        case text(String)

        var content: String {
            switch self {
            case .message(let content), .text(let content): content
            }
        }
    }

    private typealias Continuation = AsyncThrowingStream<AnswerStream.Piece, any Error>.Continuation

    private nonisolated func stream(
        _ body: @escaping @Sendable (Session, Continuation) async throws -> GenerationReport
    ) -> AnswerStream {
        let (pieces, continuation) = AsyncThrowingStream.makeStream(of: AnswerStream.Piece.self)
        let outcome = Task {
            do {
                let report = try await body(self, continuation)
                continuation.finish()
                return report
            } catch {
                let explained = (error as? any ExplainedError).map { NuthatchError($0) } ?? error
                continuation.finish(throwing: explained)
                throw explained
            }
        }
        continuation.onTermination = { reason in
            if case .cancelled = reason { outcome.cancel() }
        }
        return AnswerStream(pieces: pieces, outcome: outcome)
    }

    private func answer(
        _ prompt: Prompt, showing shown: [RGBImage], options: GenerationOptions, continuation: Continuation
    ) async throws -> GenerationReport {
        guard !isAnswering else {
            throw NuthatchError(
                code: .usage, message: "The session is still answering another prompt.",
                remedy: "Wait for that answer to end, or use a session of its own.")
        }
        isAnswering = true
        defer { isAnswering = false }

        let new = try model.prepare(shown)
        let message = Self.message(prompt, imageCount: new.count)
        let (text, tokens, placing) = try promptTokens(prompt, message, showing: new)
        transcript.begin(text: text, tokens: tokens)
        placed = placing
        var generation = Generation(
            sequence: sequence, model: model, options: options, promptTokens: tokens, images: placing)
        try await generation.run { token, piece in
            transcript.append(token, bytes: model.tokenizer.bytes(of: token))
            continuation.yield(piece)
        }
        if case .message = prompt {
            messages.append(message)
            messages.append(ChatMessage(role: "assistant", generation.text))
            images += new
        }
        return generation.report
    }

    /// The user's message; images come before its text.
    private static func message(_ prompt: Prompt, imageCount: Int) -> ChatMessage {
        guard imageCount > 0 else { return ChatMessage(role: "user", prompt.content) }
        let images = Array(repeating: ChatMessage.Part.image, count: imageCount)
        return ChatMessage(role: "user", content: .parts(images + [.text(prompt.content)]))
    }

    private func promptTokens(
        _ prompt: Prompt, _ message: ChatMessage, showing new: [PromptImage]
    ) throws -> (text: String, tokens: [TokenID], images: ImagePrompt) {
        let tokenizer = model.tokenizer
        let placeholder = model.vision?.imageToken
        var placing = ImagePrompt()
        switch prompt {
        case .text(let text):
            let tokens = try tokenizer.encode(text, addsSpecialTokens: true, parsesSpecialTokens: true)
            return (
                text, try placing.expand(tokens, behind: 0, placeholder: placeholder, images: new), placing
            )
        case .message:
            _ = try model.requireDecoder(for: "A conversation")
            let text = try model.render(messages + [message], date: date)
            let isKnown = placed.placements.map(\.image.content) == images.map(\.content)
            let endsAtBoundary = transcript.tokens.last.map(model.endTokens.contains) ?? false && isKnown
            let tokens = try transcript.tokens(of: text, endsAtBoundary: endsAtBoundary) {
                text, isWhole throws(NuthatchError) in
                let tokens = try tokenizer.encode(
                    text, addsSpecialTokens: isWhole && !model.templateStatesBeginning,
                    parsesSpecialTokens: true)
                // What continues the transcript has its earlier images where they are.
                if !isWhole { placing = placed }
                return try placing.expand(
                    tokens, behind: isWhole ? 0 : transcript.tokens.count, placeholder: placeholder,
                    images: isWhole ? images + new : new)
            }
            return (text, tokens, placing)
        }
    }
}
