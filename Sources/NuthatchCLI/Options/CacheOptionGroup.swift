public import ArgumentParser
public import NuthatchGeneration
package import NuthatchTensors

/// How keys and values are kept, the same on every command that has a cache.
package struct CacheOptionGroup: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The cache by the name that transformers gives it: a combination of the options below, with keys and values \
            in f16 where they don't say otherwise. static and offloaded_static reserve --kv-capacity tokens or the whole \
            context; sliding_window needs a model with windows, or --kv-retention window=N; quantized is q4 for keys and \
            values. Default: as dynamic, but with keys and values in q8.
            """, valueName: "preset"))
    var cache: CacheOptions.Preset?

    @Option(
        name: .customLong("kv-keys"),
        help: ArgumentHelp(
            "How keys are held: exact, or as codes of 8, 4 or 2 bits. Default: q8, or what --cache says; in run and chat "
                + "what cache-test chose.",
            valueName: "storage"))
    var keys: CacheOptions.Storage?

    @Option(
        name: .customLong("kv-values"),
        help: ArgumentHelp(
            "How values are held, whatever keys are. Default: q8, or what --cache or cache-test says.",
            valueName: "storage"))
    var values: CacheOptions.Storage?

    @Option(
        name: .customLong("kv-window-keys"),
        help: ArgumentHelp(
            "How keys are held in layers whose model gives them a window. Default: as all others.",
            valueName: "storage"))
    var windowKeys: CacheOptions.Storage?

    @Option(
        name: .customLong("kv-window-values"),
        help: ArgumentHelp(
            "How values are held in those layers. Default: as all others.", valueName: "storage"))
    var windowValues: CacheOptions.Storage?

    @Option(
        name: .customLong("kv-method"),
        help: ArgumentHelp(
            "How codes are made: from a group's smallest and largest number, or refined. Default: the best "
                + "measured.",
            valueName: "method"))
    var method: CacheOptions.Coding.Method?

    @Option(
        name: .customLong("kv-group"),
        help: ArgumentHelp(
            "Numbers that share a scale: 32, 64 or 128. Default: the best measured.",
            valueName: "numbers"))
    var groupLength: Int?

    @Option(
        name: .customLong("kv-axis-keys"),
        help: ArgumentHelp(
            "What a group of keys has in common: its channel or its token. Default: the best measured.",
            valueName: "axis"))
    var keyAxis: CacheOptions.Coding.Axis?

    @Option(
        name: .customLong("kv-axis-values"),
        help: ArgumentHelp(
            "What a group of values has in common. Default: the best measured.",
            valueName: "axis"))
    var valueAxis: CacheOptions.Coding.Axis?

    @Option(
        name: .customLong("kv-residual"),
        help: ArgumentHelp(
            "Newest tokens that stay exact, rounded up to pages. Default: the best measured.",
            valueName: "tokens"))
    var residualLength: Int?

    @Option(
        name: .customLong("kv-exact-first"),
        help: ArgumentHelp(
            "First tokens that stay exact, 0 to 16. Default: the best measured.", valueName: "tokens"))
    var exactFirstCount: Int?

    @Option(
        name: .customLong("kv-rotate"),
        help: ArgumentHelp(
            "What is held rotated by a Hadamard matrix. Default: the best measured.",
            valueName: "sides"))
    var rotation: CacheOptions.Rotation?

    @Option(
        name: .customLong("kv-retention"),
        help: ArgumentHelp(
            "\(RetentionArgument.help)", valueName: "retention"),
        transform: RetentionArgument.init)
    var retention: RetentionArgument?

    @Option(
        name: .customLong("kv-placement"),
        help: ArgumentHelp(
            "Where full pages live: memory, disk, or disk:DIR. Default: memory; on the disk, the folder kv "
                + "beside the models.", valueName: "placement"),
        transform: PlacementArgument.init)
    var placement: PlacementArgument?

    @Option(
        name: .customLong("kv-capacity"),
        help: ArgumentHelp(
            "Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.",
            valueName: "tokens"))
    var capacity: Int?

    package init() {}

    /// - Throws: `NuthatchError` (usage) naming the option, or the two that contradict each other.
    package func options(_ settings: Settings = Settings()) throws(NuthatchError) -> CacheOptions {
        try checkNumbers()
        try checkContradictions()
        let usual =
            cache.map { $0.isQuantized ? CacheOptions.Storage.q4 : .f16 } ?? CacheOptions.defaultStorage
        let (keys, values) = (keys ?? usual, values ?? usual)
        try checkMeaning(keys: keys, values: values)
        let given = placement?.directory(home: settings.homeDirectory)
        let isOnDisk = placement?.isDisk ?? cache?.isOnDisk ?? false
        if isOnDisk, given == nil { try settings.makePageDirectory() }
        let reserves: CacheOptions.Growth = cache?.isReserved == true ? .reservedContext : .dynamic
        return try CacheOptions(
            keys: keys, values: values, windowKeys: windowKeys, windowValues: windowValues,
            keyCoding: coding(keys.bestKeyCoding, axis: keyAxis),
            valueCoding: coding(values.bestValueCoding, axis: valueAxis),
            residualLength: residualLength,
            exactFirstCount: exactFirstCount, rotation: rotation,
            retention: retention?.retention ?? (cache?.keepsWindow == true ? .modelWindow : .full),
            placement: isOnDisk ? .disk(directory: given ?? settings.pageDirectory) : .memory,
            growth: capacity.map { .reserved(tokenCount: $0) } ?? reserves)
    }

    /// What was said, and for the rest what is best; nil where nothing was.
    private func coding(
        _ best: CacheOptions.Coding?, axis: CacheOptions.Coding.Axis?
    ) throws(NuthatchError) -> CacheOptions.Coding? {
        guard let best, method != nil || axis != nil || groupLength != nil else { return nil }
        return try CacheOptions.Coding(
            method: method ?? best.method, axis: axis ?? best.axis,
            groupLength: groupLength ?? best.groupLength)
    }
}

extension CacheOptions.Preset: ExpressibleByArgument {}
extension CacheOptions.Storage: ExpressibleByArgument {}
extension CacheOptions.Rotation: ExpressibleByArgument {}
extension CacheOptions.Coding.Method: ExpressibleByArgument {}
extension CacheOptions.Coding.Axis: ExpressibleByArgument {}
