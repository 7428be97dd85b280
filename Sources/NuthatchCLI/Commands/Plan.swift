import ArgumentParser
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchTensors
import NuthatchTokenizers

/// `nuthatch plan`: what a model and its caches will take, before anything is loaded.
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Work out the memory that a context takes, or the context that a memory takes.",
        discussion: """
            Reads the model's header only, and asks the function that caches allocate by: bytes of keys and values are the \
            most while a prompt is read, which takes pages that are coded, dropped or given back behind it. With --context (and \
            --batch) it says the bytes, beside those of half floats; with --memory, the longest context; with --memory and --context, the \
            largest batch; with none, the bytes of the model's own context. --memory counts weights and scratch \
            memory too. A model need not be here: name its config.json alone, or say --layers, --kv-heads, \
            --head-dimension and what its --weights take. What does not fit ends with exit code 69.
            """)

    @Argument(
        help:
            "\(ModelOptionGroup.modelHelp) Or a config.json alone. Default: \(ModelOptionGroup.defaultModel).",
        completion: .file())
    var model: String?

    @OptionGroup(title: "A model that is not here") var shape: ShapeOptionGroup

    @Option(
        help: ArgumentHelp(
            "Tokens of each sequence, at most what the model was made for; of an encoder-decoder, of each answer.",
            valueName: "tokens"))
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

    @Option(
        help: ArgumentHelp(
            "What weights are computed in: native (the file's formats), f32, bf16 or q8; of a model that is not here, their "
                + "bytes: 14GB.", valueName: "weights"), transform: WeightsArgument.init(parsing:))
    var weights: WeightsArgument?

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
        if let model, let option = shape.given.first {
            throw ValidationError(
                "\(option) describes a model that is not here, and \(model) names one; leave one of them out."
            )
        }
        if let option = shape.given.first, case .format(let format)? = weights {
            throw ValidationError(
                "--weights \(format.rawValue) says how a model's own weights are computed, and \(option) describes a model "
                    + "that is not here; say their bytes: --weights 14GB.")
        }
        if let option = shape.given.first, let source {
            throw ValidationError(
                "--source \(source) is of an encoder-decoder, which \(option) does not describe; leave one of them out."
            )
        }
        _ = try shape.geometries()
        if let context, let capacity = cache.capacity, context != capacity {
            throw ValidationError(
                "--context \(context) contradicts --kv-capacity \(capacity); leave one of them out.")
        }
    }

    func run() async throws {
        let options = try cache.options()
        let (name, planned) = try await plannedModel()
        let question = MemoryPlan.Question(
            contextLength: context, sourceLength: source, sequenceCount: batch, byteBudget: memory?.byteCount)
        let plan = try MemoryPlan(planned, cache: options, question: question)
        // Of layers alone nothing says how long a context is.
        let isAssumed = context == nil && cache.capacity == nil && memory == nil && !shape.given.isEmpty
        let report = PlanReport(
            plan, assumesContext: isAssumed, model: name, cache: options, memory: memory?.byteCount,
            freeMemory: ProcessLimits.now.availableByteCount)
        try Terminal.standardOutput.write(json ? try JSONOutput.line(report) : report.text)
        // As loading it would: scripts ask before they load.
        if report.fits == false { throw ExitCode(ExitStatus(.outOfMemory).rawValue) }
    }

    /// What is planned for, and its name.
    private func plannedModel() async throws -> (name: ModelResult, model: PlannedModel) {
        if let layers = try shape.geometries() {
            var byteCount = 0
            if case .byteCount(let stated)? = weights { byteCount = stated }
            return (
                ModelResult(described: shape.given.joined(separator: " ")),
                .shape(layers: layers, weightByteCount: byteCount)
            )
        }
        let name = model ?? ModelOptionGroup.defaultModel
        let checkpoint: Checkpoint
        if let alone = try Checkpoint(configurationAloneAt: name) {
            checkpoint = alone
        } else {
            checkpoint = try await ModelFiles(Settings(), quiet: json).checkpoint(name)
            // What does not load takes no memory.
            do { try LoadCheck.check(checkpoint) } catch {
                guard let tokenizer = error.cause as? TokenizerError, case .noTokenizer = tokenizer else {
                    throw error
                }
                // Its weights can be counted all the same.
                if !json {
                    Terminal.standardError.say("nuthatch: \(TerminalText.visible(error.description))\n")
                }
            }
        }
        switch weights {
        case nil: return (ModelResult(checkpoint), .checkpoint(checkpoint, weights: .native))
        case .format(let format)?: return (ModelResult(checkpoint), .checkpoint(checkpoint, weights: format))
        case .byteCount(let bytes)?:
            guard checkpoint.tensors.isEmpty else {
                // Behind the parsing a ValidationError would come with the usage of no command.
                throw NuthatchError.usage(
                    "--weights \(Quantities.bytes(bytes)) is for a model that is not here, and the weights of "
                        + "\(checkpoint.path) are counted.",
                    "Leave it out, or choose native, f32, bf16 or q8.")
            }
            return (ModelResult(checkpoint), .configuration(checkpoint, weightByteCount: bytes))
        }
    }
}
