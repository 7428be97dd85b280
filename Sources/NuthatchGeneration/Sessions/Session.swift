import NuthatchCache
import NuthatchModels
public import NuthatchTensors
public import NuthatchTokenizers
public import NuthatchVision

/// A conversation with a model and the cache it has filled.
///
/// Each turn computes only what the cache does not hold yet. All work runs on the model's engine thread.
///
/// One answer at a time: while one is being generated and read, every verb but those that look (`messages`,
/// `cacheReport` and the like) is refused by a `NuthatchError`. An answer whose loop was left, or whose task was
/// cancelled, ends within a token, and what is asked of the session next waits for that.
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
    private let date: ChatDate?
    private var transcript = Transcript()
    /// The images of the conversation so far.
    private var images: [PromptImage] = []
    /// Where those stand among the tokens that the cache holds.
    private var placing = ImagePrompt()
    nonisolated let turns = SessionQueue()

    /// Runs the session's code on the model's engine thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }

    /// Begins a conversation.
    ///
    /// - Parameters:
    ///   - model: what answers.
    ///   - system: the system message; nil leaves it to the model's template.
    ///   - cache: how keys and values are kept; where nothing is said, in codes of 8 bits.
    ///   - sharing: who else may go on from what the session computes.
    /// - Throws: `NuthatchError` where the cache can't be had as asked, or an encoder-decoder is told how to converse.
    public init(
        _ model: LanguageModel, system: String? = nil, cache: CacheOptions = .default,
        sharing: PrefixSharing = .private
    ) throws(NuthatchError) {
        if system != nil { _ = try model.requireDecoder(for: "A system message") }
        try self.init(
            model, messages: system.map { [ChatMessage(role: "system", $0)] } ?? [], cache: cache,
            sharing: sharing)
    }

    /// Goes on with a conversation that was begun elsewhere. Its tokens are computed with the first answer, or found in
    /// the cache where `restoreCache` brings it.
    ///
    /// - Parameters:
    ///   - model: what answers.
    ///   - messages: oldest first, as another session's `messages` gave them.
    ///   - images: those of the messages' image parts, in their order.
    ///   - cache: how keys and values are kept; where nothing is said, in codes of 8 bits.
    ///   - sharing: who else may go on from what the session computes.
    /// - Throws: `NuthatchError` where the cache can't be had as asked, the model holds no conversations, or the number of
    ///   images is another than that of the messages' places for them.
    public init(
        _ model: LanguageModel, messages: [ChatMessage], images: [RGBImage] = [],
        cache: CacheOptions = .default, sharing: PrefixSharing = .private
    ) throws(NuthatchError) {
        if !messages.isEmpty { _ = try model.requireDecoder(for: "A conversation") }
        let places = messages.reduce(0) { $0 + $1.imageCount }
        guard places == images.count else {
            throw NuthatchError(
                code: .usage,
                message:
                    "The messages have \(Counted.text(places, "place")) for images, and "
                    + "\(Counted.text(images.count, "image")) \(Counted.were(images.count)) given.",
                remedy: "Give one image for every image part, in their order.")
        }
        self.model = model
        self.messages = messages
        self.images = try model.prepare(images)
        cacheOptions = cache
        date = .today
        sequence = try CachedSequence(model: model, cache: cache, sharing: sharing)
        contextLength = sequence.limit.contextLength
    }

    /// What a conversation is, apart from who has it.
    private struct Conversation: Sendable {
        let messages: [ChatMessage]
        let images: [PromptImage]
        let placing: ImagePrompt
        let transcript: Transcript
        let date: ChatDate?
    }

    private init(
        _ model: LanguageModel, _ conversation: Conversation, _ sequence: CachedSequence, cache: CacheOptions
    ) {
        self.model = model
        messages = conversation.messages
        images = conversation.images
        placing = conversation.placing
        transcript = conversation.transcript
        date = conversation.date
        cacheOptions = cache
        self.sequence = sequence
        contextLength = sequence.limit.contextLength
    }

    /// Another session that goes on from here on its own: the same conversation and the same cache.
    ///
    /// Where the cache grows on demand the two share every page they have in common, so that a fork takes no memory until they
    /// part: several answers to one prompt cost its keys and values once. A cache with room reserved up front is copied.
    ///
    /// - Throws: `NuthatchError` (usage) while an answer is being read, or where memory for a copy can't be had.
    public func fork() async throws(NuthatchError) -> Session {
        let turn = try turns.ask(for: .fork)
        await turns.wait(for: turn)
        defer { turns.end(turn) }
        do throws(CacheError) {
            // Both sessions live on one engine thread.
            nonisolated(unsafe) let twin = try sequence.fork()
            return Session(
                model,
                Conversation(
                    messages: messages, images: images, placing: placing, transcript: transcript, date: date),
                twin,
                cache: cacheOptions)
        } catch { throw NuthatchError(error) }
    }

    /// Answers a message of the user's, in the conversation.
    ///
    /// - Parameters:
    ///   - prompt: what the user says.
    ///   - images: shown before the message's text, in this order; models that read text alone refuse them.
    ///   - options: how tokens are chosen, and when the answer ends.
    /// - Throws: `NuthatchError` for what ended the answer; `CancellationError` where the task was cancelled.
    public nonisolated func respond(
        to prompt: String, images: [RGBImage] = [], options: GenerationOptions = .default
    ) async throws -> Answer {
        try await streamResponse(to: prompt, images: images, options: options).answer()
    }

    /// Answers a message of the user's, in the conversation, piece by piece.
    ///
    /// - Parameters:
    ///   - prompt: what the user says.
    ///   - images: shown before the message's text, in this order; models that read text alone refuse them.
    ///   - options: how tokens are chosen, and when the answer ends.
    public nonisolated func streamResponse(
        to prompt: String, images: [RGBImage] = [], options: GenerationOptions = .default
    ) -> AnswerStream {
        stream(.message(prompt), showing: images, options: options)
    }

    /// Continues a raw text: no chat template, no conversation; the cache is reused where the text begins alike.
    ///
    /// An encoder-decoder answers it: translates, sums up or does what else it was trained for. What was read of the
    /// text is reused where it is the same as before.
    ///
    /// - Parameters:
    ///   - prompt: the text.
    ///   - images: for the text's image tokens, one each, in their order.
    ///   - options: how tokens are chosen, and when the answer ends.
    /// - Throws: `NuthatchError` for what ended the answer; `CancellationError` where the task was cancelled.
    public nonisolated func complete(
        _ prompt: String, images: [RGBImage] = [], options: GenerationOptions = .default
    ) async throws -> Answer {
        try await streamCompletion(of: prompt, images: images, options: options).answer()
    }

    /// Continues a raw text piece by piece, as `complete(_:)` does.
    ///
    /// - Parameters:
    ///   - prompt: the text.
    ///   - images: for the text's image tokens, one each, in their order.
    ///   - options: how tokens are chosen, and when the answer ends.
    public nonisolated func streamCompletion(
        of prompt: String, images: [RGBImage] = [], options: GenerationOptions = .default
    ) -> AnswerStream {
        stream(.text(prompt), showing: images, options: options)
    }

    /// Forgets the conversation (not its system message) and the cache.
    ///
    /// - Throws: `NuthatchError` (usage) while an answer is being read.
    public func reset() async throws(NuthatchError) {
        let turn = try turns.ask(for: .reset)
        await turns.wait(for: turn)
        defer { turns.end(turn) }
        messages.removeAll { $0.role != "system" }
        transcript = Transcript()
        images = []
        placing = ImagePrompt()
        sequence.reset()
    }

    /// The images of the tokens behind the first `tokenCount`, for a cache that is computed again.
    func place(behind tokenCount: Int) throws -> [PlacedImage] {
        try placing.placements.filter { $0.grid.range.upperBound > tokenCount }.map(model.place)
    }

    // MARK: Reports

    /// Bytes of keys and values held now.
    public var kvByteCount: Int { sequence.byteCount }

    /// What the cache holds now, layer by layer.
    public var cacheReport: CacheReport { CacheReport(sequence, options: cacheOptions) }

    /// Tokens whose keys and values are held now: none where their memory was needed elsewhere since the last answer. The next
    /// one computes again what is no longer there.
    public var cachedTokenCount: Int { sequence.source.count + sequence.cache.tokenCount }

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
        _ prompt: Prompt, showing images: [RGBImage], options: GenerationOptions
    ) -> AnswerStream {
        let (pieces, continuation) = AsyncThrowingStream.makeStream(of: AnswerStream.Piece.self)
        let running = RunningAnswer(in: turns, continuation: continuation) { turn in
            try await self.answer(
                prompt, showing: images, options: options, turn: turn, continuation: continuation)
        }
        continuation.onTermination = { reason in
            if case .cancelled = reason { running.cancel() }
        }
        return AnswerStream(pieces: pieces, running: running)
    }

    private func answer(
        _ prompt: Prompt, showing shown: [RGBImage], options: GenerationOptions, turn: SessionState.Turn,
        continuation: Continuation
    ) async throws -> Answer {
        await turns.wait(for: turn)
        defer { turns.end(turn) }
        // Nobody waited for its turn to come: as if it had not been asked for.
        if Task.isCancelled { return Answer(text: "", tokens: [], report: GenerationReport()) }

        let new = try model.prepare(shown)
        let message = Self.message(prompt, imageCount: new.count)
        let (tokens, placing) = try promptTokens(
            prompt, message, showing: new, readsMarkup: options.readsMarkupInContent)
        self.placing = placing
        let generation = Generation(
            sequence: sequence, model: model, options: options, promptTokens: tokens, images: placing)
        try await generation.run { step in
            for token in step.piece.tokens { self.transcript.append(token, bytes: step.bytes) }
            continuation.yield(step.piece)
        }
        let answer = generation.answer
        if case .message = prompt {
            messages.append(message)
            messages.append(ChatMessage(role: "assistant", answer.text))
            images += new
        }
        return answer
    }

    /// The user's message; images come before its text.
    private static func message(_ prompt: Prompt, imageCount: Int) -> ChatMessage {
        guard imageCount > 0 else { return ChatMessage(role: "user", prompt.content) }
        let images = Array(repeating: ChatMessage.Part.image, count: imageCount)
        return ChatMessage(role: "user", content: .parts(images + [.text(prompt.content)]))
    }

    /// The tokens of a prompt, each image's as many as it becomes; what the transcript will go on from.
    private func promptTokens(
        _ prompt: Prompt, _ message: ChatMessage, showing new: [PromptImage], readsMarkup: Bool
    ) throws -> (tokens: [TokenID], images: ImagePrompt) {
        let placeholder = model.vision?.imageToken
        var placing = ImagePrompt()
        switch prompt {
        case .text(let text):
            transcript = Transcript()
            let tokens = try model.tokenizer.encode(text, addsSpecialTokens: true, parsesSpecialTokens: true)
            return (
                try placing.expand(tokens, behind: 0, placeholder: placeholder, images: new), placing
            )
        case .message:
            _ = try model.requireDecoder(for: "A conversation")
            let whole = try transcript.prompt(
                try model.render(messages + [message], date: date), tokenizer: model.tokenizer,
                markup: readsMarkup ? nil : model.markup, start: model.conversationStart)
            let tokens = try placing.expand(
                whole.tokens, behind: 0, placeholder: placeholder, images: images + new)
            transcript.begin(whole)
            return (tokens, placing)
        }
    }
}
