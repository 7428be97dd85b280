import ArgumentParser
import Dispatch
import NuthatchGeneration
import NuthatchTensors
import NuthatchVision

/// `nuthatch run`: one prompt, one answer.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer one prompt, streaming; standard output holds the answer alone.")

    @Argument(
        help:
            "The prompt, or what an encoder-decoder is to translate, sum up or answer; '-' reads standard input."
    )
    var prompt: String

    @OptionGroup(title: "Model options") var model: ModelOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup
    @OptionGroup(title: "Sampling options") var sampling: SamplingOptionGroup
    @OptionGroup(title: "Conversation options") var conversation: ConversationOptionGroup

    @Option(
        help: ArgumentHelp(
            "The chat template, in Jinja, instead of the model's own; 'none' continues raw text, as --raw does.",
            valueName: "file|none"))
    var chatTemplate: ChatTemplateArgument?

    @Option(help: "The system message.")
    var system: String?

    @Option(
        help: ArgumentHelp(
            "An image for the model to look at; may be given several times. PPM, and in builds with the package trait "
                + "ImageFiles PNG and JPEG.", valueName: "file"), completion: .file())
    var image: [String] = []

    @Flag(help: "Continue the prompt as it is: no chat template.")
    var raw = false

    @Flag(
        name: .customLong("no-cache"),
        help: "Recompute the whole sequence for every token, in a cache emptied before (to compare with).")
    var noCache = false

    @Flag(help: "End with a table of what the cache holds, layer by layer.")
    var showCache = false

    @Flag(help: "Print one JSON object instead of the answer.")
    var json = false

    func validate() throws {
        guard raw || chatTemplate?.isNone == true else { return }
        if system != nil {
            throw ValidationError(
                "--system is for conversations, and raw text has none; write it into the prompt.")
        }
        if raw, chatTemplate?.isNone == false {
            throw ValidationError(
                "--chat-template is for conversations, and --raw continues text; leave one of them out.")
        }
        if conversation.readMarkupInContent {
            throw ValidationError(
                "--read-markup-in-content is for conversations; raw text has its markup anyway.")
        }
    }

    func run() async throws {
        let options = try sampling.options(
            usesCache: !noCache, readsMarkupInContent: conversation.readMarkupInContent)
        let note = cache.noteWithoutCache(noCache)
        let asked = try cache.options()
        if let note, !json { Terminal.standardError.say(note) }
        let cancelling = Signals.endingWithJSON(json)
        defer { cancelling?.cancel() }
        let prompt = try PromptInput.read(prompt, as: "prompt")
        let images = try image.map { path throws(NuthatchError) in
            try RGBImage(contentsOf: FileArgument.named(path, by: "--image"))
        }
        let (cache, isChosen) =
            try await noCache
            ? (asked, false) : cache.chosen(over: asked, for: model.model, quiet: json)
        let loaded = try await model.load(quiet: json, cache: cache, template: chatTemplate)
        let session = try Session(loaded.model, system: system, cache: cache)
        let answer =
            raw || chatTemplate?.isNone == true || loaded.model.isEncoderDecoder
            ? session.streamCompletion(of: prompt, images: images, options: options)
            : session.streamResponse(to: prompt, images: images, options: options)

        let interrupt = Interruption()
        // The answer is cancelled, not its reading: its last piece has what was held back.
        let source = Signals.onInterrupt {
            interrupt.note()
            answer.cancel()
        }
        defer { source.cancel() }
        cancelling?.cancel()
        var text = ""
        var tokens: [TokenID] = []
        for try await piece in answer {
            if !json { try Terminal.standardOutput.write(piece.text) }
            text += piece.text
            tokens += piece.tokens
        }
        let report = try await answer.report()
        let held = showCache ? await session.cacheReport : nil

        if json {
            let result = RunResult(
                text: text, tokens: tokens, report: report, loaded: loaded, cache: held,
                storage: StorageText(cache), isChosen: isChosen)
            try Terminal.standardOutput.write(JSONOutput.line(result))
        } else {
            if !text.hasSuffix("\n") { try Terminal.standardOutput.write("\n") }
            Terminal.standardError.say(UsageLine.text(report) + "\n")
            if let note = SaturationNote.text(report, cache) { Terminal.standardError.say(note) }
            if let held { Terminal.standardError.say(CacheTable.text(held)) }
        }
        guard !interrupt.wasNoted else {
            Terminal.standardError.say("nuthatch: Cancelled.\n")
            throw ExitCode(ExitStatus.interrupted.rawValue)
        }
    }
}

/// What `run --json` prints.
private struct RunResult: Encodable {
    struct Usage: Encodable {
        let promptTokens: Int
        let cachedTokens: Int
        let completionTokens: Int
        let totalTokens: Int
    }

    struct Timings: Encodable {
        let loadSeconds: Double
        let prefillSeconds: Double
        let decodeSeconds: Double
        let prefillTokensPerSecond: Double?
        let decodeTokensPerSecond: Double?
    }

    let model: ModelResult
    let text: String
    let tokenIds: [TokenID]
    let finishReason: String
    let usage: Usage
    let timings: Timings
    let kvKeys: String
    let kvValues: String
    /// Where layers with a window hold theirs otherwise.
    let kvWindowKeys: String?
    let kvWindowValues: String?
    /// Whether that is what cache-test chose.
    let kvChosen: Bool
    let kvBytes: Int
    /// Numbers beyond what their storage holds.
    let saturatedKeys: Int
    let saturatedValues: Int
    /// With --show-cache.
    let cache: [CacheLayerResult]?
    /// What an encoder-decoder's cache holds of its source, layer by layer.
    let sourceCache: [CacheLayerResult]?
    let peakResidentBytes: Int

    init(
        text: String, tokens: [TokenID], report: GenerationReport, loaded: LoadedModel, cache: CacheReport?,
        storage: StorageText, isChosen: Bool
    ) {
        (kvKeys, kvValues) = (storage.keys, storage.values)
        (kvWindowKeys, kvWindowValues) = (storage.windowKeys, storage.windowValues)
        kvChosen = isChosen
        model = ModelResult(loaded)
        self.text = text
        tokenIds = tokens
        finishReason = report.finishReason.rawValue
        usage = Usage(
            promptTokens: report.promptTokenCount, cachedTokens: report.cachedTokenCount,
            completionTokens: report.generatedTokenCount,
            totalTokens: report.promptTokenCount + report.generatedTokenCount)
        timings = Timings(
            loadSeconds: loaded.loadSeconds, prefillSeconds: report.prefillDuration / .seconds(1),
            decodeSeconds: report.decodeDuration / .seconds(1),
            prefillTokensPerSecond: report.prefillTokensPerSecond,
            decodeTokensPerSecond: report.decodeTokensPerSecond)
        kvBytes = report.kvByteCount
        saturatedKeys = report.saturatedKeyCount
        saturatedValues = report.saturatedValueCount
        self.cache = cache.map { report in
            report.layers.map { CacheLayerResult($0, options: report.options) }
        }
        sourceCache = cache.flatMap { report in
            report.sourceLayers.isEmpty
                ? nil : report.sourceLayers.map { CacheLayerResult($0, options: report.options) }
        }
        peakResidentBytes = ProcessLimits.peakResidentByteCount
    }
}
