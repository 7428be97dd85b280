import ArgumentParser
import NuthatchGeneration
import NuthatchTensors
import NuthatchTokenizers

/// `nuthatch perplexity`: what a cache costs in quality, on the user's own text.
struct PerplexityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Measure how well a model predicts a text, and what the cache asked for costs in quality.",
        discussion: """
            The text is cut into windows of --context tokens; each is computed from an empty cache, the last one may be \
            shorter. Where the model's tokenizer puts a beginning-of-sequence token before texts, every window \
            starts with one, which takes one of its places. The first token of a window is not predicted. The same \
            windows are computed with a cache of 32-bit floats that keeps everything: mean_kl_divergence is that of \
            the cache asked for from this one, in nats, over all positions, and top1_agreement the share of \
            positions at which both find the same token the most probable. bits_per_value counts all pages at the \
            end of the longest window. --weights f32 computes in floats, so that rounding hides nothing.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)")
    var model: String

    @Argument(help: "A text file, UTF-8; '-' reads standard input.")
    var file: String

    @Option(help: ArgumentHelp("Tokens of a window.", valueName: "tokens"))
    var context = 2048

    @Option(help: ArgumentHelp("Use only so many tokens of the text. Default: all.", valueName: "tokens"))
    var tokens: Int?

    @OptionGroup(title: "Model options") var loading: LoadOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for (option, value) in [("--context", context), ("--tokens", tokens ?? 2)]
        where !(2...RetentionArgument.largestNumber).contains(value) {
            throw ValidationError("\(option) is \(value); choose 2 or more.")
        }
    }

    func run() async throws {
        let options = try cache.options()
        let text = try PromptInput.read(file: file)
        let files = try ModelFiles(Settings(), quiet: json)
        let loaded = try await files.load(model, options: try loading.options())
        let all = try loaded.model.tokenizer.encode(
            text, addsSpecialTokens: false, parsesSpecialTokens: false)
        let used = Array(all.prefix(tokens ?? .max))
        let measurement = try Perplexity(
            model: loaded.model, cache: options, tokens: used, contextLength: context)
        let display = MeasurementDisplay(isQuiet: json)
        let figures = try await measurement.run { display.show($0) }
        display.finish()
        let result = PerplexityResult(
            figures, model: loaded, weights: loading.weights, cache: options, contextLength: context,
            textTokenCount: used.count)
        try Terminal.standardOutput.write(json ? try JSONOutput.line(result) : result.table)
    }
}

/// A line that grows on a terminal; nothing elsewhere.
private struct MeasurementDisplay: Sendable {
    private let terminal = Terminal.standardError
    private let isShown: Bool

    init(isQuiet: Bool) { isShown = !isQuiet && terminal.isInteractive }

    func show(_ progress: Perplexity.Progress) {
        guard isShown else { return }
        let share = progress.positionCount * 100 / max(progress.totalPositionCount, 1)
        terminal.say(
            "\r\u{1B}[K\(progress.positionCount) of \(progress.totalPositionCount) tokens (\(share) %)  "
                + "perplexity \(Quantities.decimal(progress.perplexity, digits: 3))  "
                + "KL \(PerplexityResult.small(progress.meanKLDivergence))")
    }

    func finish() {
        if isShown { terminal.say("\r\u{1B}[K") }
    }
}

/// What `perplexity` prints.
private struct PerplexityResult: Encodable {
    let model: ModelResult
    let weights: String
    let kvKeys: String
    let kvValues: String
    let kvRetention: String
    let context: Int
    let windows: Int
    let textTokens: Int
    let tokens: Int
    let predictedTokens: Int
    let perplexity: Double
    let meanKlDivergence: Double
    let top1Agreement: Double
    let bitsPerValue: Double
    let kvBytes: Int
    let tokensPerSecond: Double

    init(
        _ figures: Perplexity.Figures, model: LoadedModel, weights: LoadOptions.Weights,
        cache: CacheOptions, contextLength: Int, textTokenCount: Int
    ) {
        self.model = ModelResult(model)
        self.weights = weights.rawValue
        kvKeys = cache.keys.rawValue
        kvValues = cache.values.rawValue
        kvRetention = cache.retention.description
        context = contextLength
        windows = figures.windowCount
        textTokens = textTokenCount
        tokens = figures.positionCount
        predictedTokens = figures.predictedTokenCount
        perplexity = figures.perplexity
        meanKlDivergence = figures.meanKLDivergence
        top1Agreement = figures.top1Agreement
        bitsPerValue = figures.bitsPerValue
        kvBytes = figures.kvByteCount
        tokensPerSecond = figures.tokensPerSecond
    }

    /// "0.000250": six places, for numbers that are nearly 0.
    static func small(_ value: Double) -> String { Quantities.decimal(value, digits: 6) }

    var table: String {
        """
        model          \(model.name), weights \(weights)
        cache          keys \(kvKeys), values \(kvValues), retention \(kvRetention)
        text           \(textTokens) tokens, \(windows) windows of up to \(context)
        perplexity     \(Quantities.decimal(perplexity, digits: 4)) over \(predictedTokens) tokens
        KL divergence  \(Self.small(meanKlDivergence)) from f32, mean over \(tokens) positions
        same top       \(Quantities.decimal(top1Agreement * 100, digits: 2)) %
        KV             \(Quantities.decimal(bitsPerValue, digits: 2)) bits per value, \
        \(Quantities.bytes(kvBytes)) at the end of a window
        speed          \(Quantities.rate(tokensPerSecond))

        """
    }
}
