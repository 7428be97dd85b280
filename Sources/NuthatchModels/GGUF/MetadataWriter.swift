import NuthatchCache
import NuthatchCheckpoints

/// Writes a decoder's parts as the header of a GGUF file: what `MetadataReader` reads, the other way.
struct MetadataWriter {
    let dialect: GGUFDialect
    let specification: DecoderSpecification
    private(set) var fields = GGUFFields()
    /// Small tensors of numbers that the header has no keys for.
    private(set) var factors: [(name: String, values: [Float])] = []

    init(_ specification: DecoderSpecification, dialect: GGUFDialect, name: String) {
        self.dialect = dialect
        self.specification = specification
        fields.set("general.architecture", dialect.architecture)
        fields.set("general.type", "model")
        fields.set("general.name", name)
        setSizes()
        setNorms()
        if dialect.hasScales { setScales() }
        if dialect.hasSoftcaps { setSoftcaps() }
        if dialect.statesArrangement {
            set("use_parallel_residual", specification.arrangement != .sequential)
        }
        setWindow()
        setRotary()
    }

    private func key(_ key: String) -> String { "\(dialect.architecture).\(key)" }

    mutating func set(_ name: String, _ size: Int) { fields.set(key(name), UInt32(clamping: size)) }

    mutating func set(_ name: String, _ number: Double) { fields.set(key(name), Float(number)) }

    mutating func set(_ name: String, _ text: String) { fields.set(key(name), text) }

    mutating func set(_ name: String, _ flag: Bool) { fields.set(key(name), flag) }

    mutating func add(_ name: String, _ values: [Float]) { factors.append((name, values)) }

    private mutating func setSizes() {
        let heads = specification.attention.heads
        set("context_length", specification.contextLength)
        set("embedding_length", specification.hiddenSize)
        set("block_count", specification.layers.count)
        set("feed_forward_length", specification.feedForward.size)
        set("attention.head_count", heads.queryCount)
        if let latent = specification.attention.latent {
            set(latent)
        } else {
            set("attention.head_count_kv", heads.kvCount)
            set("attention.key_length", heads.dimension)
            set("attention.value_length", heads.dimension)
        }
        if let experts = specification.feedForward.experts {
            set("expert_count", experts.count)
            set("expert_used_count", experts.usedCount)
            set("expert_feed_forward_length", experts.size)
            if dialect.statesRouting { setRouting(experts) }
        }
        set("vocab_size", specification.embedding.vocabularySize)
    }

    private mutating func setNorms() {
        let epsilon = Double(specification.norms.epsilon)
        switch specification.norms.kind {
        case .rms: set("attention.layer_norm_rms_epsilon", epsilon)
        case .layer: set("attention.layer_norm_epsilon", epsilon)
        }
    }

    private mutating func setScales() {
        set("attention.scale", Double(specification.attention.scale))
        set("embedding_scale", Double(specification.embedding.scale ?? 1))
        set("residual_scale", Double(specification.residualScale ?? 1))
        // The file's divides.
        set("logit_scale", 1 / Double(specification.embedding.logitScale ?? 1))
    }

    private mutating func setSoftcaps() {
        if let cap = specification.attention.softcap { set("attn_logit_softcapping", Double(cap)) }
        if let cap = specification.embedding.logitSoftcap { set("final_logit_softcapping", Double(cap)) }
    }

    private mutating func setWindow() {
        guard dialect.window != .none, let window = specification.windowLength else { return }
        set("attention.sliding_window", window)
    }
}

extension DecoderSpecification {
    /// The window of the first layer that has one.
    var windowLength: Int? {
        for layer in layers {
            if case .window(let length) = layer.retention { return length }
        }
        return nil
    }
}
