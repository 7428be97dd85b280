import NuthatchCache
public import NuthatchTensors

/// How a model is loaded. Cannot be invalid: the initialiser refuses.
public struct LoadOptions: Sendable, Equatable {
    /// What weights are computed in.
    public enum Weights: String, CaseIterable, Sendable {
        /// The file's own formats.
        case native
        /// 32-bit floats.
        case f32
        /// Brain floats, 16 bits.
        case bf16
        /// 8-bit codes, a scale for every 32.
        case q8
    }

    /// The chat template that conversations are written with.
    public enum Template: Sendable, Equatable {
        /// The model's own.
        case model
        /// A template's source, in Jinja.
        case source(String)
        /// None: the model completes raw text alone.
        case none
    }

    /// Worker threads, at most one per available core, which nil takes. While other programs use the cores fewer compute.
    public let threadCount: Int?
    /// Binds each worker to one core. Default false: the system places them.
    public let pinsThreads: Bool
    /// What weights are computed in. Default: the file's own formats.
    public let weights: Weights
    /// The longest sequence to come, prompt and answer together, in tokens; nil takes what the model was made for, and
    /// of a model whose positions turn in another way beyond a length (dynamic NTK, LongRoPE) that length.
    ///
    /// Beyond what the model was made for a session refuses it, unless its cache keeps sinks and a window: those never
    /// look so far, and without a context they go on without end.
    public let contextLength: Int?
    /// Lets sequences leave the model's context behind whatever they keep, to measure what becomes of them.
    package var reachesBeyondContext = false
    /// The most bytes weights, scratch memory and caches may take; nil takes what the system has free.
    public let memoryBudget: Int?
    /// The chat template that conversations are written with. Default: the model's own.
    public let template: Template

    /// Most worker threads.
    public static let maximumThreadCount = 256

    /// Every default.
    public static let `default` = LoadOptions(nil, false, .native, nil, nil, .model)

    private init(
        _ threadCount: Int?, _ pinsThreads: Bool, _ weights: Weights, _ memoryBudget: Int?,
        _ contextLength: Int?, _ template: Template
    ) {
        self.threadCount = threadCount
        self.pinsThreads = pinsThreads
        self.weights = weights
        self.memoryBudget = memoryBudget
        self.contextLength = contextLength
        self.template = template
    }

    /// Makes load options.
    ///
    /// - Throws: `NuthatchError` (usage) naming the option and its range.
    public init(
        threadCount: Int? = nil, pinsThreads: Bool = false, weights: Weights = .native,
        memoryBudget: Int? = nil, contextLength: Int? = nil, template: Template = .model
    ) throws(NuthatchError) {
        if let threadCount, !(1...Self.maximumThreadCount).contains(threadCount) {
            throw NuthatchError(
                code: .usage, message: "\(Counted.text(threadCount, "thread")) were asked for.",
                remedy:
                    "Choose 1 to \(Self.maximumThreadCount), or leave it out for one per core this process may use."
            )
        }
        if let memoryBudget, memoryBudget <= 0 {
            throw NuthatchError(
                code: .usage, message: "The memory budget is \(Counted.text(memoryBudget, "byte")).",
                remedy: "Give a positive number of bytes, or leave it out.")
        }
        if let contextLength, !(1...CacheLimits.tokenCount).contains(contextLength) {
            throw NuthatchError(
                code: .usage, message: "A context of \(Counted.text(contextLength, "token")) was asked for.",
                remedy: "Choose 1 or more, up to what the model was made for, or leave it out.")
        }
        self.init(threadCount, pinsThreads, weights, memoryBudget, contextLength, template)
    }

    var precision: WeightPrecision { weights.precision }
}

extension LoadOptions.Weights {
    var precision: WeightPrecision {
        switch self {
        case .native: .native
        case .f32: .f32
        case .bf16: .bf16
        case .q8: .q8
        }
    }
}
