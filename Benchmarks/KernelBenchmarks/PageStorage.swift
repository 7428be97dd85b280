import NuthatchCache

/// How the pages that are measured hold their numbers: the product's settings for each size.
enum PageStorage: String, CaseIterable {
    case f32, f16, q8, q4

    var isCoded: Bool { self == .q8 || self == .q4 }

    /// The layer's layouts, open and sealed.
    func plan() throws(CacheError) -> LayerPlan {
        let configuration = try CacheConfiguration(
            keyStorage: keys(), valueStorage: values(), pageLength: Shape.pageLength)
        let geometry = LayerGeometry(
            kvHeadCount: Shape.kvHeadCount, keyDimension: Shape.headDimension,
            valueDimension: Shape.headDimension, retention: .full)
        return try CachePlan(configuration, layers: [geometry]).layers[0]
    }

    private func keys() throws(CacheError) -> Storage {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .q8: .quantized(try Quantization(bitCount: 8, axis: .channel, groupLength: 64))
        case .q4: .quantized(try Quantization(bitCount: 4, axis: .channel, groupLength: 64))
        }
    }

    private func values() throws(CacheError) -> Storage {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .q8: .quantized(try Quantization(bitCount: 8, axis: .token, groupLength: 64))
        case .q4: .quantized(try Quantization(bitCount: 4, axis: .token, groupLength: 128))
        }
    }
}
