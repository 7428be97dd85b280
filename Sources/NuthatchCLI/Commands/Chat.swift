import ArgumentParser
import Dispatch
package import NuthatchGeneration
import NuthatchTensors
import NuthatchTokenizers
import NuthatchVision
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// `nuthatch chat`: a conversation at the terminal.
struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk with a model; the cache is kept from turn to turn.",
        discussion: """
            Type a message and press Return.

            \(ChatCommand.list)

            \(ChatInput.keys)
            Where messages come from a pipe or a file, one a line, the first that can't be answered ends the chat with \
            the exit status of its error: what follows belongs to a conversation that lacks it.
            """)

    @OptionGroup(title: "Model options") var model: ModelOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup
    @OptionGroup(title: "Sampling options") var sampling: SamplingOptionGroup
    @OptionGroup(title: "Conversation options") var conversation: ConversationOptionGroup

    @Option(
        help: ArgumentHelp("The chat template, in Jinja, instead of the model's own.", valueName: "file"))
    var chatTemplate: ChatTemplateArgument?

    @Option(help: "The system message.")
    var system: String?

    func validate() throws {
        guard chatTemplate?.isNone == true else { return }
        throw ValidationError(
            "--chat-template none leaves no conversation; complete raw text with nuthatch run --raw.")
    }

    func run() async throws {
        let options = try sampling.options(readsMarkupInContent: conversation.readMarkupInContent)
        let asked = try cache.options()
        // Before the model is loaded, so that what is typed meanwhile is kept whole.
        let lines = ChatLines(Settings())
        let cache = try await cache.chosen(over: asked, for: model.model, quiet: false).cache
        let loaded = try await model.load(quiet: false, cache: cache, template: chatTemplate)
        _ = try loaded.model.requireDecoder(for: "A chat")
        _ = try loaded.model.requireTemplate()
        let session = try Session(loaded.model, system: system, cache: cache)
        let reader = RunningAnswer()
        let isInteractive = lines.isInteractive
        let source = Signals.onInterrupt {
            if !reader.interrupt(), !isInteractive { Signals.end(by: SIGINT) }
        }
        defer { source.cancel() }
        if lines.isInteractive {
            Self.say("\(loaded.model.name). /help lists the commands; Ctrl-D leaves.")
        }
        try await converse(
            ChatInput(readLine: lines.read, remember: lines.remember), in: session, options: options,
            cache: cache,
            reader: reader, isInteractive: isInteractive)
    }

    private func converse(
        _ input: ChatInput, in session: Session, options: GenerationOptions, cache: CacheOptions,
        reader: RunningAnswer, isInteractive: Bool
    ) async throws {
        /// A person reads why, and goes on; a program is told by how the chat ends.
        func refuse(_ sentence: String, _ status: ExitStatus) throws {
            Self.say(sentence)
            if !isInteractive { throw ExitCode(status.rawValue) }
        }
        var last: GenerationReport?
        var images: [RGBImage] = []
        while let line = input.next() {
            switch line {
            case .interrupted: Self.say("(Ctrl-D or /bye leaves)")
            case .refused(let reason, let status): try refuse(reason, status)
            case .command(.refused(let reason)): try refuse(reason, .usage)
            case .command(.leave): return
            case .command(.help): Self.say(ChatCommand.list + "\n" + ChatInput.keys)
            case .command(.reset):
                try await session.reset()
                images = []
                Self.say("The conversation and its cache are forgotten.")
            case .command(.history(let count)):
                let messages = await session.messages
                for message in messages.suffix(count ?? messages.count) {
                    try Terminal.standardOutput.write("\(message.role): \(message.plainText)\n")
                }
            case .command(.cache): Self.say(CacheTable.text(await session.cacheReport))
            case .command(.stats): Self.say(await ChatStatistics.text(session, last: last))
            case .command(.image(let path)):
                do throws(NuthatchError) {
                    images.append(try read(path))
                } catch {
                    // No turn is lost: the next message goes without it.
                    Self.say("nuthatch: \(error)")
                }
            case .message(let message):
                let before = last.map { $0.saturatedKeyCount + $0.saturatedValueCount } ?? 0
                do {
                    last = try await answer(
                        message, images: images, in: session, options: options, reader: reader)
                } catch let error as OutputError {
                    throw error
                } catch {
                    let known = ErrorOutput.explained(error)
                    let remedy = known?.code == .contextFull ? " /reset begins a new conversation." : ""
                    try refuse(
                        "\nnuthatch: \(known?.description ?? "\(error)")" + remedy,
                        known.map { ExitStatus($0.code) } ?? .internalFault)
                }
                images = []
                if last?.finishReason == .cancelled, !isInteractive {
                    throw ExitCode(ExitStatus.interrupted.rawValue)
                }
                if let last, last.saturatedKeyCount + last.saturatedValueCount > before,
                    let note = SaturationNote.text(last, cache)
                {
                    Terminal.standardError.say(note)
                }
            }
        }
    }

    /// Tells the person something, on a line of its own.
    private static func say(_ text: String) {
        Terminal.standardError.say(TerminalText.visible(text) + (text.hasSuffix("\n") ? "" : "\n"))
    }

    private func read(_ path: String) throws(NuthatchError) -> RGBImage {
        let image = try RGBImage(contentsOf: path)
        Self.say("\(path), \(image.width) x \(image.height) pixels, goes with the next message.")
        return image
    }

    /// - Throws: `OutputError` where the answer can't be written; what kept the model from answering.
    private func answer(
        _ message: String, images: [RGBImage], in session: Session, options: GenerationOptions,
        reader: RunningAnswer
    ) async throws -> GenerationReport {
        let stream = session.streamResponse(to: message, images: images, options: options)
        reader.begin(stream)
        defer { reader.end() }
        for try await piece in stream { try Terminal.standardOutput.write(piece.text) }
        let report = try await stream.report()
        let ending = ChatEnding.text(report.finishReason, tokenLimit: options.maximumNewTokens)
        try Terminal.standardOutput.write((ending.map { " [\($0)]" } ?? "") + "\n\n")
        return report
    }
}

/// What stands behind an answer that the model did not end itself.
package enum ChatEnding {
    /// - Parameter tokenLimit: the tokens an answer may have.
    package static func text(
        _ reason: GenerationReport.FinishReason, tokenLimit: Int?
    ) -> String? {
        switch reason {
        case .endOfTurn, .stopString: nil
        case .maximumNewTokens:
            "cut after \(Counted.text(tokenLimit ?? 0, "token")), as --max-new-tokens says"
        case .contextFull: "cut: the context or the cache is full; /reset begins a new conversation"
        case .cancelled: "stopped"
        }
    }
}

/// The answer being read, for Ctrl-C to stop.
final class RunningAnswer: Sendable {
    private let answer = Mutex<AnswerStream?>(nil)

    func begin(_ stream: AnswerStream) { answer.withLock { $0 = stream } }

    func end() { answer.withLock { $0 = nil } }

    /// Stops the answer; its reader gets what was held back of it.
    ///
    /// - Returns: whether one was being read.
    func interrupt() -> Bool {
        guard let stream = answer.withLock({ $0 }) else { return false }
        stream.cancel()
        return true
    }
}

/// What `/stats` prints.
enum ChatStatistics {
    static func text(_ session: Session, last: GenerationReport?) async -> String {
        let cached = await session.cachedTokenCount
        let bytes = await session.kvByteCount
        let context = session.contextLength
        let share =
            context.map { "\(cached) of \(Counted.text($0, "token"))" } ?? Counted.text(cached, "token")
        let held = "cache: \(share), \(Quantities.bytes(bytes))"
        guard let last else { return held }
        return held + "\nlast answer: " + UsageLine.text(last)
    }
}
