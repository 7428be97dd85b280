package import NuthatchCache
package import NuthatchTensors

extension CacheOptions {
    /// The cache of one model.
    ///
    /// - Parameters:
    ///   - layers: the model's.
    ///   - contextLength: the context in force, in tokens.
    /// - Throws: `NuthatchError` (usage) where the model has not what the options ask for.
    package func configuration(
        layers: [LayerGeometry], contextLength: Int
    ) throws(NuthatchError) -> CacheConfiguration {
        if retention == .modelWindow, !layers.contains(where: { $0.retention != .full }) {
            throw NuthatchError(
                code: .usage,
                message: "A sliding_window cache was asked for, but no layer of the model has a window.",
                remedy: "Say how many tokens to keep (--kv-retention window=N), or choose another cache.")
        }
        do {
            return try makeConfiguration(retention: retention.own, contextLength: contextLength)
        } catch {
            throw NuthatchError(error)
        }
    }

    func makeConfiguration(
        retention: NuthatchCache.Retention?, contextLength: Int
    ) throws(CacheError) -> CacheConfiguration {
        try CacheConfiguration(
            keyStorage: keys.storage(keyCoding), valueStorage: values.storage(valueCoding),
            residualLength: residualLength, exactSinkCount: exactFirstCount, rotation: rotation.rotation,
            retention: retention, placement: placement.placement,
            growth: growth.growth(contextLength: contextLength))
    }
}

extension CacheOptions.Placement {
    fileprivate var placement: Placement {
        switch self {
        case .memory: .memory
        case .disk(let directory): .disk(directory: directory)
        }
    }
}

extension CacheOptions.Growth {
    fileprivate func growth(contextLength: Int) -> Growth {
        switch self {
        case .dynamic: .dynamic
        case .reserved(let tokenCount): .reserved(tokenCount: tokenCount)
        case .reservedContext: .reserved(tokenCount: contextLength)
        }
    }
}
