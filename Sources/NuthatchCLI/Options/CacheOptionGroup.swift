public import ArgumentParser
public import NuthatchGeneration

/// How keys and values are kept, the same on every command that has a cache.
struct CacheOptionGroup: ParsableArguments {
    @Option(name: .customLong("kv-keys"), help: "How keys are stored: f32, f16 or bf16.")
    var keys: CacheOptions.Storage = .f16

    @Option(name: .customLong("kv-values"), help: "How values are stored: f32, f16 or bf16.")
    var values: CacheOptions.Storage = .f16

    @Option(
        name: .customLong("kv-capacity"),
        help: "Reserve the cache for this many tokens up front; it never grows. Default: grow on demand.")
    var capacity: Int?

    func options() throws -> CacheOptions {
        try CacheOptions(keys: keys, values: values, capacity: capacity)
    }
}

extension CacheOptions.Storage: ExpressibleByArgument {}
