package import NuthatchCache
package import NuthatchModels
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

    /// The caches of one encoder-decoder.
    package struct PairConfiguration {
        /// The configuration of what it answers.
        package let answer: CacheConfiguration
        /// The longest source to reserve pages for; nil where they come as they are needed.
        package let sourceCapacity: Int?
    }

    /// The configuration for an encoder-decoder, whose source is held alike, but always all of it.
    ///
    /// - Throws: `NuthatchError` (usage) where the model has not what the options ask for.
    package func configuration(
        of description: EncoderDecoderDescription
    ) throws(NuthatchError) -> PairConfiguration {
        try configuration(of: description.specification, family: description.family)
    }

    package func configuration(
        of specification: EncoderDecoderSpecification, family: String
    ) throws(NuthatchError) -> PairConfiguration {
        var sourceCapacity: Int?
        switch growth {
        case .dynamic: break
        case .reserved(let tokenCount):
            sourceCapacity = min(tokenCount, specification.encoder.contextLength)
        case .reservedContext:
            guard specification.contextIsBounded else {
                throw NuthatchError(
                    code: .usage,
                    message:
                        "The cache was to be reserved for the whole context; a \(family) model's is as long "
                        + "as memory allows.",
                    remedy:
                        "Say how many tokens to reserve (--kv-capacity N), or let the cache grow on demand.")
            }
            sourceCapacity = specification.encoder.contextLength
        }
        let layers = specification.targetGeometries
        let answer = try configuration(layers: layers, contextLength: specification.decoder.contextLength)
        let plan: CachePlan
        do { plan = try CachePlan(answer, layers: layers) } catch { throw NuthatchError(error) }
        do {
            try specification.checkRetention(of: plan, family: family)
        } catch { throw NuthatchError(error) }
        return PairConfiguration(answer: answer, sourceCapacity: sourceCapacity)
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
