public import ArgumentParser
import Dispatch
public import NuthatchGeneration
import NuthatchReports
import NuthatchTensors

/// `nuthatch explain`: what a KV cache does, watched on a model.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Watch what a KV cache does: each step's inputs, shapes, scores and work, with and without it.",
        discussion: """
            The prompt is continued token by token, the most probable one each time, twice: by a sequence that keeps keys \
            and values, and by one that computes everything again. Shapes are those of one layer, measured; scores are one \
            query head's; products and bytes are worked out, and counted while they happen. Logits are compared bit for \
            bit. Ready scenarios (--scenario):

            \(ExplanationScenario.allCases.map { "  \($0.rawValue.padded(to: 23))\($0.summary)" }.joined(separator: "\n"))
            """)

    @Argument(help: "A text to go on from; '-' reads standard input. Default: the scenario's.")
    var prompt: String?

    @Option(help: ArgumentHelp("An example that is ready: see above.", valueName: "name"))
    var scenario: ExplanationScenario?

    @Option(
        name: [.long, .short], help: "\(ModelOptionGroup.modelHelp) Default: the scenario's, or smollm2.",
        completion: .file())
    var model: String?

    @Option(help: ArgumentHelp("Steps to go. Default: 4, or the scenario's.", valueName: "steps"))
    var steps: Int?

    @Flag(name: .customLong("no-cache"), help: "Compute without the cache alone.")
    var noCache = false

    @Option(help: ArgumentHelp("The layer to look at, from 0. Default: the last.", valueName: "layer"))
    var layer: Int?

    @Option(help: ArgumentHelp("The query head whose scores are shown, from 0.", valueName: "head"))
    var head = 0

    @OptionGroup(title: "Model options") var loading: LoadOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup(title: "Reports") var reports: ReportOptionGroup

    func validate() throws {
        if let scenario, prompt != nil, scenario != .thousandTokens {
            throw ValidationError(
                "--scenario \(scenario.rawValue) has a text of its own; leave it or the prompt out.")
        }
        if prompt == nil, scenario == nil {
            throw ValidationError("Give a prompt, or choose a --scenario.")
        }
        if let scenario, scenario.usualModel == nil, let model {
            throw ValidationError(
                "--scenario \(scenario.rawValue) makes its own decoder, of random weights; leave --model \(model) out."
            )
        }
        if let scenario, scenario.usualModel == nil,
            loading.weights != nil || loading.memory != nil || loading.pinThreads
        {
            throw ValidationError(
                "--scenario \(scenario.rawValue) makes its own small decoder; leave --weights, --memory and --pin-threads out."
            )
        }
        if scenario == .thousandTokens, noCache || layer != nil || head != 0 {
            throw ValidationError(
                "--scenario thousand-tokens measures both ways and looks at no layer; leave --no-cache, --layer and --head out."
            )
        }
        for (option, value, range) in [
            ("--steps", steps ?? 1, 1...RetentionArgument.largestNumber),
            ("--layer", layer ?? 0, 0...RetentionArgument.largestNumber),
            ("--head", head, 0...RetentionArgument.largestNumber),
        ] where !range.contains(value) {
            throw ValidationError(
                "\(option) is \(value); choose \(range.lowerBound) or more, within what the model has.")
        }
    }

    func run() async throws {
        try reports.check()
        let cancelling = Signals.endingWithJSON(json)
        let settings = Settings()
        let options = try cache.options(settings)
        let inputs = try await inputs()
        try reports.check(inputs: inputs)
        let report: Report
        let line: String
        if scenario == .thousandTokens {
            let loaded = try await load(options)
            let experiment = try await experiment(loaded.model, options)
            line = try JSONOutput.line(MeasuredResult(value: experiment, model: ModelResult(loaded)))
            report = experiment.report
        } else {
            let (model, explanation) = try await explanation(options, settings)
            line = try JSONOutput.line(MeasuredResult(value: explanation, model: model))
            report = explanation.report
        }
        cancelling?.cancel()
        try reports.writePage(report, inputs: inputs)
        if json {
            try Terminal.standardOutput.write(line)
        } else {
            try report.print(settings)
        }
    }

    private func explanation(
        _ cache: CacheOptions, _ settings: Settings
    ) async throws -> (ModelResult, Explanation) {
        var options = ExplanationOptions()
        options.stepCount = steps
        options.ways = noCache ? .uncached : .both
        options.layer = layer
        options.head = head
        options.cache = cache
        if let scenario, scenario.usualModel == nil {
            let directory = settings.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
            let explanation = try await scenario.explain(
                scratch: directory, threadCount: try loading.options().threadCount ?? 1, options: options)
            return (ModelResult(described: explanation.model), explanation)
        }
        // What is no text is told before anything is fetched.
        let text = try prompt.map { prompt throws(NuthatchError) in
            try PromptInput.read(prompt, as: "prompt")
        }
        let loaded = try await load(cache)
        if let scenario {
            return (ModelResult(loaded), try await loaded.model.explain(scenario, options: options))
        }
        return (ModelResult(loaded), try await loaded.model.explain(text ?? "", options: options))
    }

    private func experiment(
        _ model: LanguageModel, _ cache: CacheOptions
    ) async throws -> CacheExperiment {
        let text = try prompt.map { prompt throws(NuthatchError) in
            try PromptInput.read(prompt, as: "prompt")
        }
        let display = MeasurementLine(isQuiet: json)
        defer { display.finish() }
        return try await CacheExperiment(model, prompt: text, tokenCount: steps ?? 1000, cache: cache) {
            progress in
            display.show(
                progress.share, "token \(progress.doneCount) of \(progress.totalCount), both ways together")
        }
    }

    private var modelName: String { model ?? scenario?.usualModel ?? ModelOptionGroup.defaultModel }

    /// Files that are read and never written over; asked for where a page is to be written.
    private func inputs() async throws -> [String] {
        if reports.html == nil || scenario.map({ $0.usualModel == nil }) == true { return [] }
        return try await ModelFiles(Settings(), quiet: json).inputs(modelName)
    }

    private func load(_ cache: CacheOptions) async throws -> LoadedModel {
        try await ModelFiles(Settings(), quiet: json).load(
            modelName, options: try loading.options(), cache: cache)
    }
}

extension ExplanationScenario: ExpressibleByArgument {}
