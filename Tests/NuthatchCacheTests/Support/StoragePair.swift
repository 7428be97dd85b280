import NuthatchCache

/// How a cache of a test holds keys and values.
enum StoragePair: String, CaseIterable, CustomStringConvertible {
    case exact
    case mixed
    /// 8 bits with a residual.
    case eightBits
    /// 4 bits by token and by channel, with sinks and rotation.
    case fourBits
    /// 2-bit keys, exact values.
    case twoBitKeys
    case twoBitHQQ

    var description: String { rawValue }

    func configuration(
        retention: Retention? = nil, growth: Growth = .dynamic, placement: Placement = .memory
    ) throws -> CacheConfiguration {
        switch self {
        case .exact:
            try CacheConfiguration(
                keyStorage: .f16, valueStorage: .f16, retention: retention, placement: placement,
                growth: growth, chunkLength: 300)
        case .mixed:
            try CacheConfiguration(
                keyStorage: .f32, valueStorage: .bf16, rotation: [.keys, .values], retention: retention,
                placement: placement, growth: growth, pageLength: 32, chunkLength: 300)
        case .eightBits:
            try quantized(8, 8, .affine, residualLength: 70, retention, growth, placement)
        case .fourBits:
            try CacheConfiguration(
                keyStorage: .quantized(Quantization(bitCount: 4, axis: .token, groupLength: 128)),
                valueStorage: .quantized(Quantization(bitCount: 4, axis: .channel, groupLength: 32)),
                exactSinkCount: 16, rotation: .keys, retention: retention, placement: placement,
                growth: growth, chunkLength: 300)
        case .twoBitKeys:
            try CacheConfiguration(
                keyStorage: .quantized(Quantization(bitCount: 2, axis: .channel, groupLength: 32)),
                valueStorage: .f32, exactSinkCount: 1, retention: retention, placement: placement,
                growth: growth, pageLength: 32, chunkLength: 300)
        case .twoBitHQQ:
            try quantized(2, 2, .hqq, residualLength: 0, retention, growth, placement)
        }
    }

    private func quantized(
        _ keyBits: Int, _ valueBits: Int, _ method: Quantization.Method, residualLength: Int,
        _ retention: Retention?, _ growth: Growth, _ placement: Placement
    ) throws -> CacheConfiguration {
        try CacheConfiguration(
            keyStorage: .quantized(Quantization(bitCount: keyBits, method: method, axis: .channel)),
            valueStorage: .quantized(Quantization(bitCount: valueBits, method: method, axis: .token)),
            residualLength: residualLength, exactSinkCount: 4, rotation: .values, retention: retention,
            placement: placement, growth: growth, chunkLength: 300)
    }
}
