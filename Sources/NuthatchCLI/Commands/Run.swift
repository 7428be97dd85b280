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

    @Option(help: "The system message.")
    var system: String?

    @Option(
        help: ArgumentHelp(
            "An image for the model to look at; may be given several times. PPM, and in builds with the package trait "
                + "ImageFiles PNG and JPEG.", valueName: "file"))
    var image: [String] = []

    @Flag(help: "Continue the prompt as it is: no chat template.")
    var raw = false

    @Flag(
        name: .customLong("no-cache"), help: "Recompute the whole sequence for every token (to compare with)."
    )
    var noCache = false

    @Flag(help: "End with a table of what the cache holds, layer by layer.")
    var showCache = false

    @Flag(help: "Print one JSON object instead of the answer.")
    var json = false

    func run() async throws {
        let options = try sampling.options(usesCache: !noCache)
        let cache = try cache.options()
        let prompt = try PromptInput.read(prompt)
        let images = try image.map { path throws(NuthatchError) in try RGBImage(contentsOf: path) }
        let loaded = try await model.load(quiet: json)
        let session = try Session(loaded.model, system: system, cache: cache)
        let answer =
            raw || loaded.model.isEncoderDecoder
            ? session.complete(prompt, images: images, options: options)
            : session.respond(to: prompt, images: images, options: options)

        let interrupt = Interruption()
        let reading = Task {
            var text = ""
            var tokens: [TokenID] = []
            for try await piece in answer {
                if !json { Terminal.standardOutput.write(piece.text) }
                text += piece.text
                tokens += piece.tokens
            }
            return (text, tokens)
        }
        let source = Signals.onInterrupt {
            interrupt.note()
            reading.cancel()
        }
        defer { source.cancel() }
        let (text, tokens) = try await reading.value
        let report = try await answer.report()
        let held = showCache ? await session.cacheReport : nil

        if json {
            let result = RunResult(text: text, tokens: tokens, report: report, loaded: loaded, cache: held)
            Terminal.standardOutput.write(try JSONOutput.line(result))
        } else {
            if !text.hasSuffix("\n") { Terminal.standardOutput.write("\n") }
            Terminal.standardError.write(UsageLine.text(report) + "\n")
            if let held { Terminal.standardError.write(CacheTable.text(held)) }
        }
        if interrupt.wasNoted { throw CancellationError() }
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

    let model: String
    let text: String
    let tokenIds: [TokenID]
    let finishReason: String
    let usage: Usage
    let timings: Timings
    let kvBytes: Int
    /// With --show-cache.
    let cache: [CacheLayerResult]?
    /// The same of an encoder-decoder's source.
    let sourceCache: [CacheLayerResult]?
    let peakResidentBytes: Int

    init(
        text: String, tokens: [TokenID], report: GenerationReport, loaded: LoadedModel, cache: CacheReport?
    ) {
        model = loaded.model.name
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
