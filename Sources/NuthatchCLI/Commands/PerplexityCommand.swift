import ArgumentParser
import Dispatch
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
            end of the longest window. Both compute in floats, for activations of 8 bits move logits more than most \
            caches do. --weights native (or q8, bf16) measures that too, beside the float model: what the cache \
            costs, what computing so costs, and what both do. Windows longer than the model's context take sinks \
            that go on without end (--kv-retention sinks=4+N), and are compared with floats kept alike; \
            --beyond-context lets any cache go there, to see it fail.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)", completion: .file())
    var model: String

    @Argument(help: "A text file, UTF-8; '-' reads standard input.", completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp(
            "Tokens of a window, for which the model is loaded. Default: 2048, or the model's context if that is less.",
            valueName: "tokens"))
    var context: Int?

    @Flag(help: "Let windows be longer than the model's context, whatever the cache keeps.")
    var beyondContext = false

    @Option(help: ArgumentHelp("Use only so many tokens of the text. Default: all.", valueName: "tokens"))
    var tokens: Int?

    @OptionGroup(title: "Model options") var loading: LoadOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for (option, value) in [("--context", context ?? 2), ("--tokens", tokens ?? 2)]
        where !(2...RetentionArgument.largestNumber).contains(value) {
            throw ValidationError("\(option) is \(value); choose 2 or more.")
        }
    }

    func run() async throws {
        let options = try cache.options()
        let cancelling = Signals.endingWithJSON(json)
        let text = try PromptInput.read(file: file, by: "The argument FILE")
        let files = try ModelFiles(Settings(), quiet: json)
        var load = try loading.options(contextLength: context, weights: .f32)
        load.reachesBeyondContext = beyondContext
        let loaded = try await files.load(model, options: load, cache: options)
        var exact: LanguageModel?
        if load.weights != .f32 {
            var floats = try LoadOptions(
                threadCount: load.threadCount, pinsThreads: load.pinsThreads, weights: .f32,
                memoryBudget: load.memoryBudget, contextLength: load.contextLength)
            floats.reachesBeyondContext = beyondContext
            exact = try await files.load(model, options: floats, cache: options).model
        }
        let context = context ?? min(2048, loaded.model.contextLength)
        let all = try loaded.model.tokenizer.encode(
            text, addsSpecialTokens: false, parsesSpecialTokens: false)
        let used = Array(all.prefix(tokens ?? .max))
        let measurement = try Perplexity(
            model: loaded.model, exact: exact, cache: options, tokens: used, contextLength: context)
        let display = MeasurementLine(isQuiet: json)
        let figures = try await measurement.run { progress in
            let share = Double(progress.positionCount) / Double(max(progress.totalPositionCount, 1))
            display.show(
                share,
                "perplexity \(Quantities.decimal(progress.perplexity, digits: 3))  KL "
                    + SmallNumber.text(max(0, progress.meanKLDivergence)))
        }
        display.finish()
        let result = PerplexityResult(
            figures, model: loaded, weights: load.weights, cache: options, contextLength: context,
            textTokenCount: used.count)
        cancelling?.cancel()
        try Terminal.standardOutput.write(json ? try JSONOutput.line(result) : result.table)
    }
}

/// What `perplexity` prints.
private struct PerplexityResult: Encodable {
    let model: ModelResult
    let weights: String
    let kvKeys: String
    let kvValues: String
    /// Where layers with a window hold theirs otherwise.
    let kvWindowKeys: String?
    let kvWindowValues: String?
    let kvRetention: String
    let context: Int
    let windows: Int
    let textTokens: Int
    let tokens: Int
    let predictedTokens: Int
    /// As a user gets it.
    let perplexity: Double
    /// With float weights and a cache of floats.
    let referencePerplexity: Double
    /// What the cache costs.
    let meanKlDivergence: Double
    let top1Agreement: Double
    /// What computing in fewer bits costs; where weights are not f32.
    let computingMeanKlDivergence: Double?
    let computingTop1Agreement: Double?
    /// What both cost.
    let totalMeanKlDivergence: Double?
    let totalTop1Agreement: Double?
    /// Perplexities of consecutive stretches of a window.
    let perplexityByPosition: [Double]
    let stretchTokens: Int
    let bitsPerValue: Double
    let kvBytes: Int
    let tokensPerSecond: Double

    init(
        _ figures: Perplexity.Figures, model: LoadedModel, weights: LoadOptions.Weights,
        cache: CacheOptions, contextLength: Int, textTokenCount: Int
    ) {
        self.model = ModelResult(model)
        self.weights = weights.rawValue
        let storage = StorageText(cache)
        (kvKeys, kvValues) = (storage.keys, storage.values)
        (kvWindowKeys, kvWindowValues) = (storage.windowKeys, storage.windowValues)
        kvRetention = cache.retention.description
        context = contextLength
        windows = figures.windowCount
        textTokens = textTokenCount
        tokens = figures.positionCount
        predictedTokens = figures.predictedTokenCount
        perplexity = figures.perplexity
        referencePerplexity = figures.referencePerplexity
        meanKlDivergence = figures.cache.meanKLDivergence
        top1Agreement = figures.cache.top1Agreement
        computingMeanKlDivergence = figures.computing?.meanKLDivergence
        computingTop1Agreement = figures.computing?.top1Agreement
        totalMeanKlDivergence = figures.both?.meanKLDivergence
        totalTop1Agreement = figures.both?.top1Agreement
        perplexityByPosition = figures.perplexityByPosition
        stretchTokens = figures.stretchLength
        bitsPerValue = figures.bitsPerValue
        kvBytes = figures.kvByteCount
        tokensPerSecond = figures.tokensPerSecond
    }

    /// "0.000250": six places, for numbers that are nearly 0.
    static func small(_ value: Double) -> String { Quantities.decimal(value, digits: 6) }

    private var storageText: String {
        StorageText(
            keys: kvKeys, values: kvValues, windowKeys: kvWindowKeys, windowValues: kvWindowValues
        ).text
    }

    var table: String {
        let costs = [
            ("cache costs", meanKlDivergence, top1Agreement),
            ("computing", computingMeanKlDivergence, computingTop1Agreement),
            ("both", totalMeanKlDivergence, totalTop1Agreement),
        ].map { name, divergence, agreement in
            guard let divergence, let agreement else { return "" }
            return
                "\(name.padded(to: 15))KL \(Self.small(divergence)), same top "
                + "\(Quantities.decimal(agreement * 100, digits: 2)) %\n"
        }
        let stretches = perplexityByPosition.map { Quantities.decimal($0, digits: 2) }
        return """
            model          \(model.name), weights \(weights)
            cache          \(storageText), retention \(kvRetention)
            text           \(Counted.text(textTokens, "token")), \(Counted.text(windows, "window")) of up to \(context)
            perplexity     \(Quantities.decimal(perplexity, digits: 4)) over \(Counted.text(predictedTokens, "token")); \
            \(Quantities.decimal(referencePerplexity, digits: 4)) with float weights and cache
            \(costs.joined())by position    \(stretches.joined(separator: " ")) (\(Counted.text(stretchTokens, "token")) each)
            KV             \(Quantities.decimal(bitsPerValue, digits: 2)) bits per value, \
            \(Quantities.bytes(kvBytes)) at the end of a window
            speed          \(Quantities.rate(tokensPerSecond))

            """
    }
}
