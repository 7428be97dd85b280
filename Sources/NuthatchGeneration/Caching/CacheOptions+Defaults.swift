extension CacheOptions {
    /// How a size of codes is best used: what is taken where nothing else is said.
    struct BestSettings: Equatable {
        let keyCoding: Coding
        let valueCoding: Coding
        let residualLength: Int
        let exactFirstCount: Int
        let rotatesValues: Bool
    }
}

extension CacheOptions.Storage {
    /// The best settings measured for this size, nil for exact numbers.
    ///
    /// Where keys and values are of different sizes each side takes its own, the values' decide on the rotation,
    /// and of tokens to keep exact the larger number is taken.
    ///
    /// Measured with `nuthatch perplexity`: SmolLM2-135M computed in f32, contexts of 2,048 tokens, both sides of
    /// that size, everything counted in the bits.
    ///
    ///     size    bits per value    mean KL divergence from f32
    ///     q8      8.500             0.00003
    ///     q4      4.500             0.00570
    ///     q2      2.625             0.21895
    var bestSettings: CacheOptions.BestSettings? {
        switch self {
        case .f32, .f16, .bf16: nil
        case .q8:
            CacheOptions.BestSettings(
                keyCoding: .init(.affine, by: .channel, groupsOf: 64),
                valueCoding: .init(.affine, by: .token, groupsOf: 64),
                residualLength: 0, exactFirstCount: 0, rotatesValues: false)
        case .q4:
            CacheOptions.BestSettings(
                keyCoding: .init(.affine, by: .channel, groupsOf: 64),
                valueCoding: .init(.affine, by: .token, groupsOf: 128),
                residualLength: 0, exactFirstCount: 16, rotatesValues: true)
        case .q2:
            CacheOptions.BestSettings(
                keyCoding: .init(.hqq, by: .channel, groupsOf: 64),
                valueCoding: .init(.hqq, by: .token, groupsOf: 64),
                residualLength: 0, exactFirstCount: 16, rotatesValues: true)
        }
    }

    /// How keys of this size are best coded; nil for exact numbers.
    public var bestKeyCoding: CacheOptions.Coding? { bestSettings?.keyCoding }

    /// How values of this size are best coded; nil for exact numbers.
    public var bestValueCoding: CacheOptions.Coding? { bestSettings?.valueCoding }
}
