import NuthatchCache

extension MetadataWriter {
    /// The embedding of full layers; beside it, where the architecture has that, the base of sliding ones.
    mutating func setRotary() {
        let turning = specification.layers.filter { $0.rotary != nil }
        guard let rotary = (turning.first { $0.retention == .full } ?? turning.first)?.rotary else { return }
        set("rope.dimension_count", rotary.dimension)
        set("rope.freq_base", rotary.base)
        if dialect.window == .followedWithOwnBase,
            let sliding = turning.first(where: { $0.retention != .full })?.rotary
        {
            set("rope.freq_base_swa", sliding.base)
        }
        switch rotary.scaling {
        // What no file can say isn't said: the reader of the written header finds the difference.
        case .none, .dynamic: break
        // llama.cpp's latent attention scales scores for it, which no model asks for.
        case .linear where specification.attention.latent != nil: break
        case .linear(let scaling):
            set("rope.scaling.type", "linear")
            set("rope.scaling.factor", scaling.factor)
        case .yarn(let scaling): set(scaling)
        case .llama3(let scaling):
            let frequencies = rotary.unscaledFrequencies
            setDivisors(
                zip(frequencies, scaling.table(frequencies).inverseFrequencies).map { Float($0 / Double($1)) }
            )
        case .divided(let divisors): setDivisors(divisors)
        case .long(let scaling): if dialect.factors.contains(.long) { set(scaling) }
        }
    }

    private mutating func setDivisors(_ divisors: [Float]) {
        if dialect.factors.contains(.divisors) { add("rope_freqs.weight", divisors) }
    }

    private mutating func set(_ scaling: YarnScaling) {
        set("rope.scaling.type", "yarn")
        set("rope.scaling.factor", scaling.factor)
        set("rope.scaling.original_context_length", scaling.originalContextLength)
        if scaling.fastTurns != 32 { set("rope.scaling.yarn_beta_fast", scaling.fastTurns) }
        if scaling.slowTurns != 1 { set("rope.scaling.yarn_beta_slow", scaling.slowTurns) }
        if let latent = specification.attention.latent { return set(scaling, of: latent) }
        // The file's factor comes on top of the paper's.
        if let factor = scaling.attentionFactor {
            set("rope.scaling.attn_factor", factor / YarnScaling.magnitude(scaling.factor))
        }
    }

    private mutating func set(_ scaling: LongScaling) {
        set("rope.scaling.type", "longrope")
        set("rope.scaling.original_context_length", scaling.originalContextLength)
        set("rope.scaling.attn_factor", scaling.attentionFactor)
        add("rope_factors_long.weight", scaling.longFactors)
        add("rope_factors_short.weight", scaling.shortFactors)
    }
}
