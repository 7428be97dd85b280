package import NuthatchCache
package import NuthatchCheckpoints
import NuthatchModels
package import NuthatchTensors

/// What a memory plan is made for: a model whose files are here, one of which only the configuration is, or a shape.
package enum PlannedModel: Sendable {
    /// Weights are read from a header; none in it are a configuration alone, whose formats are what it names.
    case checkpoint(Checkpoint, weights: LoadOptions.Weights)
    /// A configuration alone, with weights of so many bytes.
    case configuration(Checkpoint, weightByteCount: Int)
    /// So many layers of full attention, with weights of so many bytes; nothing is known of scratch memory.
    case shape(layers: [LayerGeometry], weightByteCount: Int)

    /// Where nothing bounds a context: what T5 was trained on.
    static let usualLength = 512

    /// Caches of the model as arithmetic.
    ///
    /// - Parameter context: what is to be planned for, in tokens; nil where that is asked, or the model's own.
    /// - Throws: what the options and the model have against each other.
    func caches(_ cache: CacheOptions, context: Int?, sourceLength: Int?) throws -> PlannedCaches {
        switch self {
        case .checkpoint(let checkpoint, _), .configuration(let checkpoint, _):
            return try PlannedCaches(
                ModelHeader(checkpoint), cache: cache, contextLength: context, sourceLength: sourceLength)
        case .shape(let layers, _):
            guard sourceLength == nil else {
                throw NuthatchError(
                    code: .usage, message: "A source was given to plan for; layers alone read none.",
                    remedy: "Leave it out, or name an encoder-decoder.")
            }
            return try PlannedCaches(
                layers, cache: cache, contextLength: context ?? Self.usualLength)
        }
    }
}

/// What there is of a model without any cache, and its caches as arithmetic.
struct PlannedMemory {
    let weightByteCount: Int
    let workspaceByteCount: Int
    /// What the model was made for, in tokens; nil where nobody knows.
    let contextLength: Int?
    /// The most tokens that a sequence may have; nil where nothing bounds it, or nobody knows.
    let mostTokens: Int?
    /// The context to plan for where none is named.
    let plannedLength: Int
    let caches: PlannedCaches

    /// - Parameter context: what is to be planned for, in tokens; nil where that is asked, or the model's own.
    init(_ model: PlannedModel, cache: CacheOptions, context: Int?, sourceLength: Int?) throws {
        let caches = try model.caches(cache, context: context, sourceLength: sourceLength)
        switch model {
        case .checkpoint(let checkpoint, let weights):
            let header = try ModelHeader(checkpoint)
            try self.init(
                header, caches: caches,
                takes: checkpoint.tensors.isEmpty
                    ? Self.formatted(header, of: checkpoint, weights)
                    : Self.stored(header, in: checkpoint, weights))
        case .configuration(let checkpoint, let byteCount):
            let header = try ModelHeader(checkpoint)
            try self.init(header, caches: caches, takes: (byteCount, Self.workspaceByteCount(header)))
        case .shape(_, let byteCount):
            self.init(
                caches, plannedFor: context ?? PlannedModel.usualLength, weightByteCount: byteCount)
        }
    }

    /// Layers alone, of which nothing else is known.
    private init(_ caches: PlannedCaches, plannedFor plannedLength: Int, weightByteCount: Int) {
        self.weightByteCount = weightByteCount
        workspaceByteCount = 0
        contextLength = nil
        mostTokens = nil
        self.plannedLength = plannedLength
        self.caches = caches
    }

    private init(
        _ header: ModelHeader, caches: PlannedCaches, takes bytes: (weights: Int, workspace: Int)
    ) throws {
        weightByteCount = bytes.weights
        self.caches = caches
        switch header {
        case .decoder(let description):
            workspaceByteCount =
                bytes.workspace
                + (caches.main.distantLimit == nil ? 0 : Decoder.distantByteCount(description.specification))
            contextLength = description.specification.contextLength
            let isEndless = try ContextBound(description.specification).tokenCount(in: caches.main) == nil
            mostTokens = isEndless ? nil : description.specification.contextLength
            plannedLength = description.specification.unscaledContextLength
        case .encoderDecoder(let description):
            workspaceByteCount = bytes.workspace
            contextLength = description.specification.decoder.contextLength
            mostTokens = description.specification.contextIsBounded ? contextLength : nil
            plannedLength =
                description.specification.contextIsBounded
                ? description.specification.decoder.contextLength : PlannedModel.usualLength
        }
    }

    private static func workspaceByteCount(_ header: ModelHeader) -> Int {
        switch header {
        case .decoder(let description):
            Decoder.plan(description.specification, format: .f16).workspaceByteCount
        case .encoderDecoder(let description):
            EncoderDecoder.plan(description.specification, format: .f16).workspaceByteCount
        }
    }

    private static func stored(
        _ header: ModelHeader, in checkpoint: Checkpoint, _ weights: LoadOptions.Weights
    ) throws -> (weights: Int, workspace: Int) {
        switch header {
        case .decoder(let description):
            let plan = try Decoder.plan(checkpoint, described: description, precision: weights.precision)
            let tower = try VisionTower.plannedByteCount(
                checkpoint, described: description, precision: weights.precision)
            return (plan.weightByteCount + tower, plan.workspaceByteCount)
        case .encoderDecoder(let description):
            let plan = try EncoderDecoder.plan(
                checkpoint, described: description, precision: weights.precision)
            return (plan.weightByteCount, plan.workspaceByteCount)
        }
    }

    /// Bytes of a configuration alone, from the sizes it names.
    private static func formatted(
        _ header: ModelHeader, of checkpoint: Checkpoint, _ weights: LoadOptions.Weights
    ) throws -> (weights: Int, workspace: Int) {
        let format = try checkpoint.statedWeightFormat
        switch header {
        case .decoder(let description):
            guard description.vision == nil else {
                throw NuthatchError(
                    code: .usage,
                    message:
                        "\(checkpoint.name) has a tower that reads images, whose bytes a configuration alone does "
                        + "not say.",
                    remedy: "Say what the weights take (--weights 14GB), or name the model with its files.")
            }
            let plan = Decoder.plan(
                description.specification, format: format, precision: weights.precision)
            return (plan.weightByteCount, plan.workspaceByteCount)
        case .encoderDecoder(let description):
            let plan = EncoderDecoder.plan(
                description.specification, format: format, precision: weights.precision)
            return (plan.weightByteCount, plan.workspaceByteCount)
        }
    }
}

extension Checkpoint {
    /// What a configuration says its weights are stored in; 16 bits, as nearly all are, where it says nothing.
    ///
    /// - Throws: `NuthatchError` (badData) for a format that no weights are read in.
    package var statedWeightFormat: ElementFormat {
        get throws {
            guard case .directory(let directory) = self else { return .bf16 }
            let name =
                try directory.config.optionalString("dtype")
                ?? directory.config.optionalString("torch_dtype")
            switch name {
            case nil, "bfloat16": return .bf16
            case "float16": return .f16
            case "float32": return .f32
            case let name?:
                throw NuthatchError(
                    code: .badData, message: "\(path): dtype is \(CheckpointError.printable(name)).",
                    remedy: "Say what the weights take (--weights 14GB).")
            }
        }
    }
}
