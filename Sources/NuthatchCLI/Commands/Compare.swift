import ArgumentParser
import Dispatch
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchReports
import NuthatchTensors
import NuthatchTokenizers

/// `nuthatch compare`: caches beside each other on the user's own text.
struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare caches on your own text: speed by depth, bytes, and what each costs in quality.",
        discussion: """
            Quality is measured beside a cache of 32-bit floats that keeps everything, over the first --context tokens of \
            the text, both with float weights where those have room: mean KL divergence in nats, the share of positions \
            with the same most probable token, perplexity, and the first token of a greedy continuation that differs. \
            Speeds are taken with the model as it is, at --depths equally deep places: rounds of all caches, one behind the \
            other, medians with the slowest and the fastest. Recommended is, of those within --tolerance that drop \
            nothing, the one with the longest context in --memory, and of several the fastest.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)", completion: .file())
    var model: String

    @OptionGroup var measured: MeasuredTextOptionGroup

    @Option(
        name: .customLong("cache"), help: ArgumentHelp("\(CacheArgument.help)", valueName: "cache"),
        transform: CacheArgument.init)
    var caches: [CacheArgument] = []

    @Option(
        help: ArgumentHelp("Tokens of the text. Default: 2048, or as many as there are.", valueName: "tokens")
    )
    var context: Int?

    @Option(help: ArgumentHelp("Tokens to generate at each depth.", valueName: "tokens"))
    var generate = 32

    @Option(help: ArgumentHelp("Rounds of all caches.", valueName: "rounds"))
    var rounds = 3

    @Option(help: ArgumentHelp("Places at which speeds are taken.", valueName: "places"))
    var depths = 4

    @OptionGroup(title: "Model options") var loading: LoadOptionGroup

    @Option(
        help: ArgumentHelp(
            "Write the result as JSON; '-' prints it instead of the report.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var json: String?

    @OptionGroup(title: "Reports") var reports: ReportOptionGroup

    func validate() throws {
        for (option, value, range) in [
            ("--context", context ?? 2, 2...RetentionArgument.largestNumber),
            ("--generate", generate, 1...4096),
            ("--rounds", rounds, 1...1000), ("--depths", depths, 1...64),
        ] where !range.contains(value) {
            throw ValidationError(
                "\(option) is \(value); choose \(range.lowerBound) to \(range.upperBound).")
        }
    }

    private var printsJSON: Bool { json == "-" }

    func run() async throws {
        try checkOutputs(inputs: measured.inputs)
        let settings = Settings()
        let cancelling = Signals.endingWithJSON(printsJSON)
        let text = try measured.text()
        let asked = try caches.map { try $0.variant(settings) }
        let files = try ModelFiles(settings, quiet: printsJSON)
        let inputs = measured.inputs + (try await files.inputs(model))
        try checkOutputs(inputs: inputs)
        // The budget is what is recommended for; measuring takes what it takes.
        let load = try LoadOptions(
            threadCount: loading.threads, pinsThreads: loading.pinThreads,
            weights: loading.weights ?? .native)
        let loaded = try await files.load(model, options: load, cache: .default)
        let exact = try await ExactModel.load(beside: loaded, files, quiet: printsJSON)

        var options = ComparisonOptions()
        options.contextLength = context
        options.generatedTokenCount = generate
        options.roundCount = rounds
        options.depthCount = depths
        options.tolerance = measured.tolerance
        options.memoryByteCount = loading.memory?.byteCount
        let variants =
            try asked.isEmpty ? usual(of: loaded.model, text: text, settings, options) : asked
        let display = MeasurementLine(isQuiet: printsJSON)
        let comparison = try await CacheComparison(
            loaded.model, exact: exact, variants: variants, text: text ?? SampleText.text, options: options
        ) { share, what in display.show(share, what) }
        display.finish()
        cancelling?.cancel()
        let line = try JSONOutput.line(
            MeasuredResult(value: comparison, model: ModelResult(loaded)))
        if let json, !printsJSON {
            try ReportOptionGroup.write(line, to: json, replaces: reports.force, inputs: inputs)
        }
        let report = comparison.report
        try reports.writePage(report, inputs: inputs)
        if printsJSON {
            try Terminal.standardOutput.write(line)
        } else {
            try report.print(settings)
        }
    }

    /// Whether the files may be written; asked before long work.
    private func checkOutputs(inputs: [String]) throws {
        try reports.check(inputs: inputs)
        guard let json, !printsJSON else { return }
        try StagedFile.check(
            try FileArgument.named(json, by: "--json"), replaces: reports.force, inputs: inputs)
        if let html = reports.html, FileName.resolved(html) == FileName.resolved(json) {
            throw NuthatchError.usage(
                "--html and --json name one file, \(json).", "Give each a file of its own.")
        }
    }

    /// Every preset and size, for as many tokens as will be compared over.
    private func usual(
        of model: LanguageModel, text: String?, _ settings: Settings, _ options: ComparisonOptions
    ) throws -> [CacheVariant] {
        // Where no page can be kept on disk, the others are compared.
        let directory = (try? settings.makePageDirectory()).map { settings.pageDirectory }
        let tokens = try model.tokenizer.encode(
            text ?? SampleText.text, addsSpecialTokens: true, parsesSpecialTokens: false)
        let most = min(options.contextLength ?? 2048, tokens.count)
        return try CacheVariant.usual(
            for: model, contextLength: most + options.generatedTokenCount, directory: directory)
    }
}
