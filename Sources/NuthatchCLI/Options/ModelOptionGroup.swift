public import ArgumentParser
public import NuthatchGeneration

/// Which model, and how it is loaded.
struct ModelOptionGroup: ParsableArguments {
    static let defaultModel = "smollm2"
    static let modelHelp =
        "An alias (smollm2, gemma3), a .gguf file, a Hugging Face directory, or hf:owner/name[:file]."

    @Option(name: [.long, .short], help: "\(Self.modelHelp)", completion: .file())
    var model = Self.defaultModel

    @OptionGroup var loading: LoadOptionGroup
    @OptionGroup var context: ContextOptionGroup

    /// - Parameters:
    ///   - cache: what sequences will be kept in.
    ///   - template: the chat template to use; nil takes the model's own.
    func load(
        quiet: Bool, cache: CacheOptions, template: ChatTemplateArgument? = nil
    ) async throws -> LoadedModel {
        let options = try loading.options(
            contextLength: context.length, template: template?.read() ?? .model)
        return try await ModelFiles(Settings(), quiet: quiet).load(model, options: options, cache: cache)
    }
}

/// How long sequences may become.
struct ContextOptionGroup: ParsableArguments {
    @Option(
        name: .customLong("context"),
        help: ArgumentHelp(
            """
            Load the model for sequences of this many tokens, prompt and answer together. Default: what it was made \
            for; of a model whose positions turn in another way beyond a length (info says so), that length; with \
            --kv-retention sinks=S+N no end.
            """, valueName: "tokens"))
    var length: Int?
}

/// How a model is loaded.
struct LoadOptionGroup: ParsableArguments {
    @Option(help: "Worker threads, at most one per core this process may use. Default: so many.")
    var threads: Int?

    @Flag(help: "Bind each worker thread to one core.")
    var pinThreads = false

    @Option(help: "What weights are computed in: native (the file's formats), f32, bf16 or q8.")
    var weights: LoadOptions.Weights?

    @Option(
        help: ArgumentHelp(
            "The most memory for weights and cache, for example 6GiB. Default: what the system has free.",
            valueName: "bytes"), transform: ByteCountArgument.init(parsing:))
    var memory: ByteCountArgument?

    /// - Parameter usual: what weights are computed in where nothing is said.
    func options(
        contextLength: Int? = nil, template: LoadOptions.Template = .model,
        weights usual: LoadOptions.Weights = .native
    ) throws -> LoadOptions {
        try LoadOptions(
            threadCount: threads, pinsThreads: pinThreads, weights: weights ?? usual,
            memoryBudget: memory?.byteCount, contextLength: contextLength, template: template)
    }
}

extension LoadOptions.Weights: ExpressibleByArgument {}

/// A number of bytes with an optional unit: 1500000, 800MB, 6GiB.
package struct ByteCountArgument: Sendable {
    package let byteCount: Int

    init(parsing argument: String) throws {
        switch Self.read(argument) {
        case .count(let count): self.init(byteCount: count)
        case .outOfRange: throw ValidationError(Self.rangeSentence)
        case .noNumber:
            throw ValidationError(
                "give a number of bytes with or without a unit of kB, MB, GB, TB, KiB, MiB, GiB, TiB, in capitals or not"
            )
        }
    }

    package init?(argument: String) {
        guard case .count(let count) = Self.read(argument) else { return nil }
        self.init(byteCount: count)
    }

    private init(byteCount: Int) { self.byteCount = byteCount }

    enum Reading: Equatable {
        case count(Int)
        case outOfRange
        case noNumber
    }

    static let rangeSentence = "it is out of range; choose at least 1 byte, and less than 4 EiB"

    static func read(_ argument: String) -> Reading {
        let sign = argument.prefix { $0 == "-" }
        let digits = argument.dropFirst(sign.count).prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = argument.dropFirst(sign.count + digits.count).lowercased()
        let factors: [String: Double] = [
            "": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
            "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
        ]
        guard sign.count < 2, let number = Double(digits), let factor = factors[unit] else {
            return .noNumber
        }
        let bytes = number * factor
        guard sign.isEmpty, bytes >= 1, bytes < 0x1p62 else { return .outOfRange }
        return .count(Int(bytes))
    }
}
