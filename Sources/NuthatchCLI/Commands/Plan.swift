import ArgumentParser
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchTensors

/// `nuthatch plan`: what a model and its caches will take, before anything is loaded.
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Work out the memory that a context takes, or the context that a memory takes.",
        discussion: """
            Reads the model's header only, and asks the function that caches allocate by. With --context (and \
            --batch) it says the bytes; with --memory, the longest context; with --memory and --context, the \
            largest batch; with none, the bytes of the model's own context. --memory counts weights and scratch \
            memory too.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)")
    var model = ModelOptionGroup.defaultModel

    @Option(
        help: ArgumentHelp(
            "Tokens of each sequence; of an encoder-decoder, of each answer.", valueName: "tokens"))
    var context: Int?

    @Option(
        help: ArgumentHelp(
            "Tokens of an encoder-decoder's source. Default: as many as the answer.", valueName: "tokens"))
    var source: Int?

    @Option(
        help: ArgumentHelp(
            "Bytes for weights, scratch memory and caches: 6GiB, 800MB.", valueName: "bytes"),
        transform: ByteCountArgument.init(parsing:))
    var memory: ByteCountArgument?

    @Option(help: ArgumentHelp("Sequences at the same time. Default: 1.", valueName: "sequences"))
    var batch: Int?

    @Option(help: "What weights are computed in: native (the file's formats), f32, bf16 or q8.")
    var weights: LoadOptions.Weights = .native

    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for (option, value, range) in [
            ("--context", context, 1...RetentionArgument.largestNumber),
            ("--source", source, 1...RetentionArgument.largestNumber), ("--batch", batch, 1...1_000_000),
        ] {
            guard let value, !range.contains(value) else { continue }
            throw ValidationError(
                "\(option) is \(value); choose \(range.lowerBound) to \(range.upperBound).")
        }
        if let context, let capacity = cache.capacity, context != capacity {
            throw ValidationError(
                "--context \(context) contradicts --kv-capacity \(capacity); leave one of them out.")
        }
    }

    func run() async throws {
        let options = try cache.options()
        let checkpoint = try await ModelFiles(Settings(), quiet: json).checkpoint(model)
        let question = MemoryPlan.Question(
            contextLength: context, sourceLength: source, sequenceCount: batch, byteBudget: memory?.byteCount)
        let plan = try MemoryPlan(checkpoint, weights: weights, cache: options, question: question)
        let report = PlanReport(
            plan, path: checkpoint.path, cache: options, memory: memory?.byteCount,
            freeMemory: ProcessLimits.now.availableByteCount)
        Terminal.standardOutput.write(json ? try JSONOutput.line(report) : report.text)
    }
}
