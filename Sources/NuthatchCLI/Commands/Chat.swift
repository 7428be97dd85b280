import ArgumentParser
import Dispatch
import NuthatchGeneration
import NuthatchTensors
import NuthatchTokenizers
import NuthatchVision
import Synchronization

/// `nuthatch chat`: a conversation at the terminal.
struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk with a model; the cache is kept from turn to turn.",
        discussion: """
            Type a message and press Return. End a line with \\ to go on on the next one, or put several lines \
            between two lines of \"\"\". Ctrl-C stops the answer; Ctrl-D or /bye leaves.
            """)

    @OptionGroup(title: "Model options") var model: ModelOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup
    @OptionGroup(title: "Sampling options") var sampling: SamplingOptionGroup
    @OptionGroup(title: "Conversation options") var conversation: ConversationOptionGroup

    @Option(help: "The system message.")
    var system: String?

    func run() async throws {
        let options = try sampling.options(readsMarkupInContent: conversation.readMarkupInContent)
        let cache = try cache.options()
        let loaded = try await model.load(quiet: false, cache: cache, template: conversation.chatTemplate)
        _ = try loaded.model.requireDecoder(for: "A chat")
        _ = try loaded.model.requireTemplate()
        let session = try Session(loaded.model, system: system, cache: cache)
        let input = ChatInput()
        let reader = RunningAnswer()
        let source = Signals.onInterrupt { reader.interrupt() }
        defer { source.cancel() }

        var last: GenerationReport?
        var images: [RGBImage] = []
        input.greet(loaded.model.name)
        while let line = input.next() {
            switch line {
            case .command("bye"), .command("exit"), .command("quit"): return
            case .command("help"), .command("?"): Terminal.standardError.write(ChatInput.help)
            case .command("reset"):
                try await session.reset()
                Terminal.standardError.write("The conversation and its cache are forgotten.\n")
            case .command("history"):
                for message in await session.messages {
                    Terminal.standardOutput.write("\(message.role): \(message.plainText)\n")
                }
            case .command("cache"):
                Terminal.standardError.write(CacheTable.text(await session.cacheReport))
            case .command("stats"):
                Terminal.standardError.write(await ChatStatistics.text(session, last: last) + "\n")
            case .command("image"): Terminal.standardError.write("Name the file: /image FILE.\n")
            case .command(let name):
                Terminal.standardError.write("There is no command /\(name). /help lists them.\n")
            case .image(let path):
                if let image = read(path) { images.append(image) }
            case .message(let message):
                let before = last.map { $0.saturatedKeyCount + $0.saturatedValueCount } ?? 0
                last = await answer(message, images: images, in: session, options: options, reader: reader)
                images = []
                if let last, last.saturatedKeyCount + last.saturatedValueCount > before,
                    let note = SaturationNote.text(last, cache)
                {
                    Terminal.standardError.write(note)
                }
            }
        }
    }

    private func read(_ path: String) -> RGBImage? {
        do throws(NuthatchError) {
            let image = try RGBImage(contentsOf: path)
            Terminal.standardError.write(
                "\(path), \(image.width) x \(image.height) pixels, goes with the next message.\n")
            return image
        } catch {
            Terminal.standardError.write("nuthatch: \(error)\n")
            return nil
        }
    }

    private func answer(
        _ message: String, images: [RGBImage], in session: Session, options: GenerationOptions,
        reader: RunningAnswer
    ) async -> GenerationReport? {
        let stream = session.streamResponse(to: message, images: images, options: options)
        let reading = Task {
            for try await piece in stream { Terminal.standardOutput.write(piece.text) }
        }
        reader.begin(reading)
        defer { reader.end() }
        do {
            try await reading.value
            let report = try await stream.report()
            Terminal.standardOutput.write(report.finishReason == .cancelled ? " [stopped]\n\n" : "\n\n")
            return report
        } catch {
            Terminal.standardError.write("\nnuthatch: \(error)\n")
            return nil
        }
    }
}

/// The answer being read, for Ctrl-C to stop.
final class RunningAnswer: Sendable {
    private let task = Mutex<Task<Void, any Error>?>(nil)

    func begin(_ reading: Task<Void, any Error>) { task.withLock { $0 = reading } }

    func end() { task.withLock { $0 = nil } }

    /// Stops the answer, or says how to leave where none is being read.
    func interrupt() {
        let reading = task.withLock { $0 }
        if let reading {
            reading.cancel()
        } else {
            Terminal.standardError.write("\n(Ctrl-D or /bye leaves)\n>>> ")
        }
    }
}

/// What `/stats` prints.
enum ChatStatistics {
    static func text(_ session: Session, last: GenerationReport?) async -> String {
        let cached = await session.cachedTokenCount
        let bytes = await session.kvByteCount
        let context = session.contextLength.map { " of \($0)" } ?? ""
        let held = "cache: \(cached)\(context) tokens, \(Quantities.bytes(bytes))"
        guard let last else { return held }
        return held + "\nlast answer: " + UsageLine.text(last)
    }
}
