import ArgumentParser
import Dispatch
import NuthatchGeneration
import NuthatchReports
import NuthatchTensors

/// `nuthatch cache-test`: the fewest bits that a model's cache can do with, chosen by measurement and remembered.
struct CacheTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache-test",
        abstract: "Find the fewest bits for a model's keys and values, and remember them.",
        discussion: """
            Every size from half floats down is measured for each kind of layer (those that keep everything, those with a window \
            of the model's own), on a text of the program's own or yours, beside a cache of floats, with float weights where \
            those have room. Chosen is what takes the fewest bytes of what costs at most --tolerance nats of mean KL \
            divergence, all kinds together. The choice goes into a small file in the store; run and chat take it where no \
            option says how keys and values are held, and say so. --forget removes it.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)", completion: .file())
    var model: String

    @OptionGroup var measured: MeasuredTextOptionGroup

    @Option(
        help: ArgumentHelp(
            "Tokens of the text. Default: 512 of the program's own, 2048 of yours, or as many as there are.",
            valueName: "tokens"))
    var context: Int?

    @Option(help: "Worker threads, at most one per core this process may use. Default: so many.")
    var threads: Int?

    @Flag(help: "Test only: write no file.")
    var dryRun = false

    @Flag(help: "Remove the choice that there is, and test nothing.")
    var forget = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup(title: "Reports") var reports: ReportOptionGroup

    func validate() throws {
        if forget, dryRun || reports.html != nil || measured.promptFile != nil {
            throw ValidationError(
                "--forget removes a choice and measures nothing; leave --dry-run, --html and --prompt-file out."
            )
        }
        if let context, !(CacheTest.leastTokenCount...RetentionArgument.largestNumber).contains(context) {
            throw ValidationError("--context is \(context); choose \(CacheTest.leastTokenCount) or more.")
        }
    }

    func run() async throws {
        try reports.check(inputs: measured.inputs)
        let settings = Settings()
        let choices = CacheChoiceFiles(settings)
        let files = try ModelFiles(settings, quiet: json)
        if forget {
            let removed = try choices.remove(for: try await files.checkpoint(model))
            return try Terminal.standardOutput.write(
                json ? "{\"forgotten\":\(removed)}\n" : removed ? "Forgotten.\n" : "There was no choice.\n")
        }
        let cancelling = Signals.endingWithJSON(json)
        let text = try measured.text()
        let inputs = measured.inputs + (try await files.inputs(model))
        try reports.check(inputs: inputs)
        // Where nothing can be kept, nothing has to be measured.
        if !dryRun { try choices.prepare() }
        let loaded = try await loadExact(files)
        let display = MeasurementLine(isQuiet: json)
        let test = try await CacheTest(
            loaded.model, text: text, contextLength: context, tolerance: measured.tolerance
        ) { share in
            display.show(share, "trying sizes")
        }
        display.finish()
        cancelling?.cancel()
        let path = dryRun ? nil : try choices.write(test.choice)
        let report = test.report(path: path)
        try reports.writePage(report, inputs: inputs)
        if json {
            try Terminal.standardOutput.write(
                JSONOutput.line(MeasuredResult(value: test, model: ModelResult(loaded))))
        } else {
            try report.print(settings)
        }
    }

    /// The model with float weights, or as it is where those have no room.
    private func loadExact(_ files: ModelFiles) async throws -> LoadedModel {
        do {
            return try await files.load(
                model, options: try LoadOptions(threadCount: threads, weights: .f32), cache: .default)
        } catch let error as NuthatchError where error.code == .outOfMemory {
            if !json {
                Terminal.standardError.say(
                    "nuthatch: Float weights have no room; the model's own are used, whose rounding counts too.\n"
                )
            }
            return try await files.load(
                model, options: try LoadOptions(threadCount: threads), cache: .default)
        }
    }
}
