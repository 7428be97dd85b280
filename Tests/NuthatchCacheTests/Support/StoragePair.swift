import NuthatchCache

/// How a cache of a test holds keys and values.
enum StoragePair: String, CaseIterable, CustomStringConvertible {
    case exact
    case mixed

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
        }
    }
}
