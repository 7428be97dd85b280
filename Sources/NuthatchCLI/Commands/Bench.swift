import ArgumentParser
import Dispatch
import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors

/// `nuthatch bench`: how fast, and how close to the machine's limit.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure prefill and decode speed.",
        discussion: """
            Tokens are random but fixed by the seed. A repetition fills an empty cache to --depth, computes a \
            prompt of --prompt-tokens, and generates --generate-tokens, for --sequences of them at once: their prompts and \
            tokens share passes, as those of sessions do. With --shared-prefix all prompts of a repetition begin alike, \
            and what they share is computed once. Medians over the repetitions that count are printed.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)", completion: .file())
    var model = ModelOptionGroup.defaultModel

    @OptionGroup(title: "Model options") var loading: LoadOptionGroup
    @OptionGroup(title: "Model options") var context: ContextOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup

    @Option(help: "Tokens of the prompt.")
    var promptTokens = 512

    @Option(help: "Tokens to generate.")
    var generateTokens = 64

    @Option(help: "Tokens already in the cache.")
    var depth = 0

    @Option(help: "Sequences at once.")
    var sequences = 1

    @Option(help: "Tokens that all prompts begin with.")
    var sharedPrefix = 0

    @Flag(help: "Give each prompt when the one before has been computed, not all at once.")
    var inTurn = false

    @Option(help: "Counted repetitions.")
    var repetitions = 5

    @Option(help: "Repetitions before those that count.")
    var warmUps = 1

    @Flag(
        name: .customLong("no-cache"),
        help: "Recompute the whole sequence for every token, in a cache emptied before.")
    var noCache = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for (name, value, range) in [
            ("--prompt-tokens", promptTokens, 1...1_000_000),
            ("--generate-tokens", generateTokens, 0...1_000_000),
            ("--depth", depth, 0...1_000_000), ("--sequences", sequences, 1...256),
            ("--shared-prefix", sharedPrefix, 0...1_000_000),
            ("--repetitions", repetitions, 1...1000), ("--warm-ups", warmUps, 0...1000),
        ] where !range.contains(value) {
            throw ValidationError("\(name) is \(value); choose \(range.lowerBound) to \(range.upperBound).")
        }
    }

    func run() async throws {
        let note = cache.noteWithoutCache(noCache)
        let cache = try cache.options()
        if let note, !json { Terminal.standardError.say(note) }
        let cancelling = Signals.endingWithJSON(json)
        let loaded = try await ModelFiles(Settings(), quiet: json).load(
            model, options: try loading.options(contextLength: context.length), cache: cache)
        let benchmark = try Benchmark(
            model: loaded.model, cache: cache,
            workload: Benchmark.Workload(
                promptTokenCount: promptTokens, generatedTokenCount: generateTokens, depth: depth,
                sequenceCount: sequences, sharedPrefixTokenCount: sharedPrefix, isInTurn: inTurn,
                usesCache: !noCache, repetitionCount: repetitions,
                warmUpCount: warmUps))
        var result = BenchResult(
            loaded: loaded, cache: cache, figures: try await benchmark.run(), command: self)
        // After the peak was taken, of which its memory is no part.
        result.machineBandwidthBytesPerSecond = try? MemoryBandwidth.measure(on: loaded.model.workers)
        cancelling?.cancel()
        try Terminal.standardOutput.write(json ? try JSONOutput.line(result) : result.table)
    }
}

/// What `bench` prints.
struct BenchResult: Encodable {
    struct Kernels: Encodable {
        let table: String
    }

    let model: ModelResult
    let kernels: Kernels
    let threads: Int
    let promptTokens: Int
    let generateTokens: Int
    let depth: Int
    let sequences: Int
    let sharedPrefix: Int
    let inTurn: Bool
    let repetitions: Int
    let kvKeys: String
    let kvValues: String
    /// Where layers with a window hold theirs otherwise.
    let kvWindowKeys: String?
    let kvWindowValues: String?
    let kvRetention: String
    let kvPlacement: String
    let usesCache: Bool
    let loadSeconds: Double
    let prefillSeconds: Double
    let prefillTokensPerSecond: Double
    let decodeTokensPerSecond: Double?
    let timeToFirstTokenSeconds: Benchmark.Spread?
    let timeBetweenTokensSeconds: Benchmark.Spread?
    let cachedTokens: Int
    let kvBytes: Int
    let weightBytes: Int
    let peakResidentBytes: Int
    let achievedBandwidthBytesPerSecond: Double?
    /// What the workers reach that only read memory, right after; nil where there was no memory to try.
    var machineBandwidthBytesPerSecond: Double?

    init(loaded: LoadedModel, cache: CacheOptions, figures: Benchmark.Figures, command: Bench) {
        model = ModelResult(loaded)
        kernels = Kernels(table: loaded.model.kernelTableName)
        threads = loaded.model.threadCount
        promptTokens = command.promptTokens
        generateTokens = command.generateTokens
        depth = command.depth
        sequences = command.sequences
        sharedPrefix = command.sharedPrefix
        inTurn = command.inTurn
        repetitions = command.repetitions
        let storage = StorageText(cache)
        (kvKeys, kvValues) = (storage.keys, storage.values)
        (kvWindowKeys, kvWindowValues) = (storage.windowKeys, storage.windowValues)
        kvRetention = cache.retention.description
        kvPlacement = cache.placement.name
        usesCache = !command.noCache
        loadSeconds = loaded.loadSeconds
        prefillSeconds = figures.prefillSeconds
        prefillTokensPerSecond = figures.prefillTokensPerSecond
        decodeTokensPerSecond = figures.decodeTokensPerSecond
        timeToFirstTokenSeconds = figures.timeToFirstToken
        timeBetweenTokensSeconds = figures.timeBetweenTokens
        cachedTokens = figures.cachedTokenCount
        kvBytes = figures.kvByteCount
        weightBytes = loaded.model.weightByteCount
        peakResidentBytes = ProcessLimits.peakResidentByteCount
        achievedBandwidthBytesPerSecond = figures.decodeBytesPerSecond
    }

    private var storageText: String {
        StorageText(
            keys: kvKeys, values: kvValues, windowKeys: kvWindowKeys, windowValues: kvWindowValues
        ).text
    }

    var table: String {
        """
        model      \(model.name), weights \(Quantities.bytes(weightBytes)), loaded in \
        \(Quantities.decimal(loadSeconds, digits: 2)) s
        machine    \(kernels.table), \(Counted.text(threads, "thread"))
        prefill    \(Quantities.rate(prefillTokensPerSecond)) (\(Counted.text(promptTokens, "token")), \
        \(Counted.text(sequences, "sequence"))\(shared))
        decode     \(Quantities.rate(decodeTokensPerSecond)) (\(Counted.text(generateTokens, "token")) at depth \
        \(depth + promptTokens))
        first      \(timeToFirstTokenSeconds.map(Self.describe) ?? "-")
        between    \(timeBetweenTokensSeconds.map(Self.describe) ?? "-")
        bandwidth  \(bandwidth)
        KV         \(Quantities.bytes(kvBytes)) (\(storageText))
        peak       \(Quantities.bytes(peakResidentBytes)) resident

        """
    }

    private var shared: String {
        sharedPrefix > 0 ? ", \(Counted.text(cachedTokens, "token")) of all prompts shared" : ""
    }

    /// Above 100 % where weights stay in the processor's caches.
    private var bandwidth: String {
        guard let achieved = achievedBandwidthBytesPerSecond else { return "-" }
        let found = "\(Quantities.bytes(Int(achieved)))/s of weights and KV in decode"
        guard let machine = machineBandwidthBytesPerSecond else { return found }
        let share = Quantities.decimal(achieved / machine * 100, digits: 0)
        return "\(found), \(share) % of the \(Quantities.bytes(Int(machine)))/s that this machine reads"
    }

    private static func describe(_ times: Benchmark.Spread) -> String {
        let milliseconds = [times.median, times.fastest, times.percentile95, times.slowest].map {
            Quantities.decimal($0 * 1000, digits: 1)
        }
        return "\(milliseconds[0]) ms, fastest \(milliseconds[1]), 95 % within \(milliseconds[2]), slowest "
            + milliseconds[3]
    }
}
