import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

extension MetadataReader {
    /// Every layer's retention and rotary embedding.
    func layers(
        attention: DecoderSpecification.Attention, pairing: RotaryPairing,
        defaults: RotaryDefaults = RotaryDefaults(),
        retention: (Int) -> Retention
    ) throws(ModelError) -> [DecoderSpecification.Layer] {
        let layerCount = try layerCount()
        let dimension = try size(
            "rope.dimension_count", .headDimension, default: attention.heads.dimension)
        let full = RotaryEmbedding(
            base: try number("rope.freq_base", .rotaryBase) ?? defaults.full, dimension: dimension,
            scaling: try scaling(), pairing: pairing)
        // Where sliding layers have a base of their own, scaling is for full ones alone.
        var sliding = full
        if let base = defaults.sliding {
            sliding.base = try number("rope.freq_base_swa", .rotaryBase) ?? base
            sliding.scaling = .none
        }
        return (0..<layerCount).map { layer in
            let retention = retention(layer)
            return DecoderSpecification.Layer(
                retention: retention, rotary: retention == .full ? full : sliding)
        }
    }

    /// Layers with one window for all, or none.
    func layers(
        attention: DecoderSpecification.Attention, pairing: RotaryPairing, window: Int? = nil
    ) throws(ModelError) -> [DecoderSpecification.Layer] {
        try layers(attention: attention, pairing: pairing) { _ in Retention(window: window) }
    }

    /// Layers that keep all and don't turn: positions are learned.
    func unturnedLayers() throws(ModelError) -> [DecoderSpecification.Layer] {
        (0..<(try layerCount())).map { _ in DecoderSpecification.Layer(retention: .full, rotary: nil) }
    }

    private func scaling() throws(ModelError) -> RotaryScaling {
        if let divisors = try factors("rope_freqs.weight") { return .divided(by: divisors) }
        if let short = try factors("rope_factors_short.weight"),
            let long = try factors("rope_factors_long.weight")
        {
            return .long(try longScaling(short: short, long: long))
        }
        let kind = try reading { () throws(CheckpointError) in
            // What llama.cpp takes where a file doesn't say; without a factor it comes to nothing.
            try metadata.optionalString("rope.scaling.type") ?? "linear"
        }
        switch kind {
        case "none": return .none
        case "linear":
            // The second key is how converters spelled it until 2023.
            for key in ["rope.scaling.factor", "rope.scale_linear"] {
                if let factor = try number(key, .stretch) { return .linear(LinearScaling(factor: factor)) }
            }
            return .none
        case "yarn": return .yarn(try yarnScaling())
        default:
            throw .unsupportedValue(
                file: file, field: "\(architecture).rope.scaling.type", found: kind,
                supported: ["none", "linear", "yarn"])
        }
    }

    private func factors(_ name: String) throws(ModelError) -> [Float]? {
        guard let tensor = checkpoint.tensor(named: name) else { return nil }
        guard tensor.elementCount <= ModelLimit.headDimension.maximum else {
            throw .outOfRange(
                file: file, field: "the length of \(name)", found: tensor.elementCount, limit: .headDimension)
        }
        let factors = try reading { () throws(CheckpointError) in try checkpoint.floats(named: name) }
        for (index, factor) in factors.enumerated() {
            try ModelNumber.frequencyFactor.check(Double(factor), file: file, field: "\(name)[\(index)]")
        }
        return factors
    }

    private func yarnScaling() throws(ModelError) -> YarnScaling {
        let factor = try number("rope.scaling.factor", .stretch) ?? 1
        return YarnScaling(
            factor: factor, originalContextLength: try originalContextLength(),
            fastTurns: try number("rope.scaling.yarn_beta_fast", .rampTurns) ?? 32,
            slowTurns: try number("rope.scaling.yarn_beta_slow", .rampTurns) ?? 1,
            // In GGUF files the stated factor comes on top of the paper's.
            attentionFactor: try number("rope.scaling.attn_factor", .attentionFactor)
                .map { $0 * YarnScaling.magnitude(factor) })
    }

    private func longScaling(short: [Float], long: [Float]) throws(ModelError) -> LongScaling {
        let original = try originalContextLength()
        let stretch = Double(try size("context_length", .contextLength)) / Double(original)
        return LongScaling(
            shortFactors: short, longFactors: long, originalContextLength: original,
            attentionFactor: try number("rope.scaling.attn_factor", .attentionFactor)
                ?? LongScaling.attentionFactor(stretch: stretch, originalContextLength: original))
    }

    private func originalContextLength() throws(ModelError) -> Int {
        try size(
            "rope.scaling.original_context_length", .contextLength,
            default: try size("context_length", .contextLength))
    }
}
