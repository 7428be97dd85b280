package import NuthatchCache
public import NuthatchTensors

/// How a session's keys and values are kept. Cannot be invalid: the initialiser refuses.
public struct CacheOptions: Sendable, Equatable {
    /// How a page holds its numbers.
    public enum Storage: String, CaseIterable, Sendable {
        /// 32-bit floats.
        case f32
        /// Half floats, 16 bits.
        case f16
        /// Brain floats, 16 bits.
        case bf16
    }

    /// How keys are held. Default f16.
    public let keys: Storage
    /// How values are held. Default f16.
    public let values: Storage
    /// Tokens to reserve memory for up front, never growing (`static`); nil grows on demand (`dynamic`).
    public let capacity: Int?

    /// Half floats, growing on demand.
    public static let `default` = CacheOptions(.f16, .f16, nil)

    private init(_ keys: Storage, _ values: Storage, _ capacity: Int?) {
        self.keys = keys
        self.values = values
        self.capacity = capacity
    }

    /// Makes cache options.
    ///
    /// - Throws: `NuthatchError` (usage) naming the option and its range.
    public init(keys: Storage = .f16, values: Storage = .f16, capacity: Int? = nil) throws(NuthatchError) {
        if let capacity, capacity < 1 {
            throw NuthatchError(
                code: .usage, message: "The cache capacity is \(capacity) tokens.",
                remedy: "Choose 1 or more, or leave it out to grow on demand.")
        }
        self.init(keys, values, capacity)
    }

    package func configuration() throws(CacheError) -> CacheConfiguration {
        try CacheConfiguration(
            keyStorage: keys.storage, valueStorage: values.storage,
            growth: capacity.map { .reserved(tokenCount: $0) } ?? .dynamic)
    }
}

extension CacheOptions.Storage {
    fileprivate var storage: Storage {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .bf16: .bf16
        }
    }
}
