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
    /// Half floats, and codes where the model has windows.
    case codedWindows
    /// Brain floats on both sides, rotated.
    case alikeRotated
    /// 8 bits by channel on both sides, with a residual.
    case alikeEightBits
    /// 4 bits on both sides in groups that reach over tokens, with sinks and rotation.
    case alikeFourBits
    /// 2 bits by channel on both sides.
    case alikeTwoBits

    static let allCases: [StoragePair] = [
        .exact, .mixed, .eightBits, .fourBits, .twoBitKeys, .twoBitHQQ, .codedWindows,
    ]
    /// Storages that are the same on both sides, as values in keys have them.
    static let alike: [StoragePair] = [.exact, .alikeRotated, .alikeEightBits, .alikeFourBits, .alikeTwoBits]

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
        case .codedWindows:
            try CacheConfiguration(
                keyStorage: .f16, valueStorage: .f16,
                windowStorage: LayerStorage(
                    keys: .quantized(Quantization(bitCount: 4, axis: .channel)),
                    values: .quantized(Quantization(bitCount: 2, axis: .token))),
                exactSinkCount: 4, rotation: .values, retention: retention, placement: placement,
                growth: growth, chunkLength: 300)
        case .alikeRotated:
            try alike(.bf16, [.keys, .values], pageLength: 32, retention, growth, placement)
        case .alikeEightBits:
            try alike(
                .quantized(Quantization(bitCount: 8, axis: .channel)), residualLength: 70, retention, growth,
                placement)
        case .alikeFourBits:
            try alike(
                .quantized(Quantization(bitCount: 4, axis: .token, groupLength: 128)), [.keys, .values],
                exactSinkCount: 16, retention, growth, placement)
        case .alikeTwoBits:
            try alike(
                .quantized(Quantization(bitCount: 2, method: .hqq, axis: .channel, groupLength: 32)),
                exactSinkCount: 1, pageLength: 32, retention, growth, placement)
        }
    }

    private func alike(
        _ storage: Storage, _ rotation: Rotation = [], residualLength: Int = 0, exactSinkCount: Int = 0,
        pageLength: Int? = nil, _ retention: Retention?, _ growth: Growth, _ placement: Placement
    ) throws -> CacheConfiguration {
        try CacheConfiguration(
            keyStorage: storage, valueStorage: storage, residualLength: residualLength,
            exactSinkCount: exactSinkCount, rotation: rotation, retention: retention, placement: placement,
            growth: growth, pageLength: pageLength, chunkLength: 300)
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

/// A storage, and where the values of a test's layers are held.
struct Holding: CustomStringConvertible {
    let storage: StoragePair
    let values: LayerGeometry.ValuePlace

    static let all =
        StoragePair.allCases.map { Holding(storage: $0, values: .ownPlane) }
        + StoragePair.alike.map { Holding(storage: $0, values: .firstKeyColumns) }

    func shape(_ retentions: [Retention]) -> Shape {
        switch values {
        case .ownPlane: Shape(retentions: retentions)
        // No whole panel of values; blocks of 4 where they are rotated.
        case .firstKeyColumns:
            Shape(keyDimension: 36, valueDimension: 20, values: values, retentions: retentions)
        }
    }

    var description: String { "\(storage)\(values == .ownPlane ? "" : " with values in keys")" }
}
