import NuthatchCheckpoints

/// The two kinds of layers that may have rotary embeddings of their own.
enum LayerKind: String {
    case full = "full_attention"
    case sliding = "sliding_attention"
}

extension ConfigReader {
    /// Reads both spellings: `rope_parameters`, flat or by layer kind (transformers 5), and `rope_theta` with
    /// `rope_scaling` (before); a field missing from the object may stand at the root.
    func rotary(
        _ kind: LayerKind, headDimension: Int, defaults: RotaryDefaults
    ) throws(ModelError) -> RotaryEmbedding {
        let parameters = try rotaryParameters(kind, defaults: defaults)
        let hasOwnBase = kind == .sliding && defaults.sliding != nil
        let base =
            try first(
                "rope_theta", .rotaryBase, in: parameters,
                orRoot: hasOwnBase ? "rope_local_base_freq" : "rope_theta")
            ?? (hasOwnBase ? defaults.sliding : nil) ?? defaults.full
        let scaling: RotaryScaling =
            try parameters.map { parameters throws(ModelError) in
                try self.scaling(parameters, readsSections: defaults.readsSections)
            } ?? .none
        return RotaryEmbedding(
            base: base,
            dimension: try rotaryDimension(
                headDimension, parameters, isScaled: scaling != .none, defaults: defaults),
            scaling: scaling)
    }

    /// How much of a head turns.
    ///
    /// In transformers 5 unscaled rotations of most families look at no share: heads turn whole, whatever a file says
    /// (`partWords` says so). Scaled ones make so few frequencies that those families can't use them, so there is no model
    /// to be equal to.
    private func rotaryDimension(
        _ headDimension: Int, _ parameters: JSONField?, isScaled: Bool, defaults: RotaryDefaults
    ) throws(ModelError) -> Int {
        let field = RotaryDefaults.shareField
        let stated = try first(field, .rotaryShare, in: parameters, orRoot: defaults.shareKey)
        if let share = defaults.share { return Int(Double(headDimension) * (stated ?? share)) }
        if isScaled, let stated, Int(Double(headDimension) * stated) != headDimension {
            throw .invalid(
                file: file, field: field,
                reason: "is \(stated), and heads of the family turn whole where the rotation is scaled")
        }
        return headDimension
    }

    /// A share of each head that the file states and that isn't what turns, in a sentence; nil where there is none.
    func partWords(_ specification: DecoderSpecification, family: String) throws(ModelError) -> String? {
        let whole =
            specification.attention.latent?.turnedDimension ?? specification.attention.heads.dimension
        guard let turned = specification.layers.lazy.compactMap(\.rotary?.dimension).first else { return nil }
        let field = RotaryDefaults.shareField
        for kind in [LayerKind.full, .sliding] {
            let stated = try first(
                field, .rotaryShare, in: try rotaryParameters(kind, defaults: RotaryDefaults()),
                orRoot: field)
            guard let stated, Int(Double(whole) * stated) != turned else { continue }
            return
                "The header says \(field) \(stated), which \(family) does not read: \(turned) of the \(whole) numbers of "
                + "a head turn, as transformers does since version 5."
        }
        return nil
    }

    func rotaryParameters(_ kind: LayerKind, defaults: RotaryDefaults) throws(ModelError)
        -> JSONField?
    {
        try reading { () throws(CheckpointError) in
            if let parameters = try root.optionalObject("rope_parameters") {
                let isNested = parameters[LayerKind.full.rawValue] ?? parameters[LayerKind.sliding.rawValue]
                return isNested == nil ? parameters : try parameters.optionalObject(kind.rawValue)
            }
            // The old spelling scales full layers alone where sliding ones have a base of their own.
            if kind == .sliding, defaults.sliding != nil { return nil }
            return try root.optionalObject("rope_scaling")
        }
    }

    private func scaling(
        _ parameters: JSONField, readsSections: Bool
    ) throws(ModelError) -> RotaryScaling {
        let kind = try reading { () throws(CheckpointError) in
            if let kind = try parameters.optionalString("rope_type") { return kind }
            return try parameters.optionalString("type") ?? "default"
        }
        switch kind {
        case "default": return .none
        // Sections change no frequency.
        case "mrope" where readsSections: return .none
        case "linear":
            return .linear(LinearScaling(factor: try requiredNumber("factor", .stretch, in: parameters)))
        case "dynamic":
            return .dynamic(
                DynamicScaling(
                    factor: try requiredNumber("factor", .stretch, in: parameters),
                    originalContextLength: try maximumPositions()))
        // LongRoPE had these names in Phi-3's first files; transformers reads them so to this day.
        case "su": return .long(try long(parameters))
        case "yarn" where parameters["short_factor"] != nil: return .long(try long(parameters))
        case "yarn": return .yarn(try yarn(parameters))
        case "llama3":
            return .llama3(
                Llama3Scaling(
                    factor: try requiredNumber("factor", .stretch, in: parameters),
                    lowFrequencyFactor: try requiredNumber(
                        "low_freq_factor", .frequencyFactor, in: parameters),
                    highFrequencyFactor: try requiredNumber(
                        "high_freq_factor", .frequencyFactor, in: parameters),
                    originalContextLength: try originalContextLength(parameters)))
        case "longrope": return .long(try long(parameters))
        default:
            throw .unsupportedValue(
                file: file, field: "rope_type", found: kind,
                supported: ["default", "linear", "dynamic", "yarn", "llama3", "longrope"])
        }
    }

    private func yarn(_ parameters: JSONField) throws(ModelError) -> YarnScaling {
        let original = try originalContextLength(parameters)
        let stretch = Double(try maximumPositions()) / Double(original)
        // Null stands for the ratio of the two lengths; a factor that is missing stands for nothing.
        let factor =
            parameters.states("factor")
            ? try number("factor", .stretch, in: parameters) ?? stretch
            : try requiredNumber("factor", .stretch, in: parameters)
        var attentionFactor = try number("attention_factor", .attentionFactor, in: parameters)
        let weight = try number("mscale", .magnitudeWeight, in: parameters) ?? 0
        let weightOfAll = try number("mscale_all_dim", .magnitudeWeight, in: parameters) ?? 0
        if attentionFactor == nil, weight != 0, weightOfAll != 0 {
            attentionFactor =
                YarnScaling.magnitude(factor, weight: weight)
                / YarnScaling.magnitude(factor, weight: weightOfAll)
        }
        return YarnScaling(
            factor: factor, originalContextLength: original,
            fastTurns: try number("beta_fast", .rampTurns, in: parameters) ?? 32,
            slowTurns: try number("beta_slow", .rampTurns, in: parameters) ?? 1,
            roundsRamp: try reading { () throws(CheckpointError) in
                try parameters.optionalBool("truncate") ?? true
            },
            attentionFactor: attentionFactor)
    }

    private func long(_ parameters: JSONField) throws(ModelError) -> LongScaling {
        let original = try originalContextLength(parameters)
        let stretch = Double(try maximumPositions()) / Double(original)
        let factors = (
            try frequencyFactors("short_factor", parameters), try frequencyFactors("long_factor", parameters)
        )
        let factor = try number("factor", .stretch, in: parameters) ?? stretch
        return LongScaling(
            shortFactors: factors.0.map(Float.init), longFactors: factors.1.map(Float.init),
            originalContextLength: original,
            attentionFactor: try number("attention_factor", .attentionFactor, in: parameters)
                ?? LongScaling.attentionFactor(stretch: factor, originalContextLength: original))
    }

    private func frequencyFactors(_ key: String, _ parameters: JSONField) throws(ModelError) -> [Double] {
        let factors = try reading { () throws(CheckpointError) in try parameters.numbers(key) }
        for (index, factor) in factors.enumerated() {
            try ModelNumber.frequencyFactor.check(
                factor, file: file, field: "\(parameters.path).\(key)[\(index)]")
        }
        return factors
    }

    private func maximumPositions() throws(ModelError) -> Int {
        try size("max_position_embeddings", .contextLength, default: 2048)
    }

    /// At the root (Phi-3), in the object, or all of the context.
    private func originalContextLength(_ parameters: JSONField) throws(ModelError) -> Int {
        let key = "original_max_position_embeddings"
        let stated = try reading { () throws(CheckpointError) in
            if let stated = try root.optionalInteger(key) { return stated as Int? }
            return try parameters.optionalInteger(key)
        }
        guard let stated else { return try maximumPositions() }
        try ModelLimit.contextLength.check(stated, file: file, field: key)
        return stated
    }

    /// A number from the object or, where it has none, from the root.
    private func first(
        _ key: String, _ kind: ModelNumber, in parameters: JSONField?, orRoot rootKey: String
    ) throws(ModelError) -> Double? {
        if let parameters, let number = try number(key, kind, in: parameters) { return number }
        return try number(rootKey, kind)
    }

    private func requiredNumber(
        _ key: String, _ kind: ModelNumber, in parameters: JSONField
    ) throws(ModelError) -> Double {
        if let number = try number(key, kind, in: parameters) { return number }
        return try reading { () throws(CheckpointError) in try parameters.number(key) }
    }
}
