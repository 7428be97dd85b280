package import NuthatchCache
package import NuthatchModels
package import NuthatchTensors

extension CacheOptions {
    /// The cache of one model.
    ///
    /// - Parameters:
    ///   - layers: the model's.
    ///   - context: how long sequences may become.
    /// - Throws: `NuthatchError` (usage) where the model has not what the options ask for.
    package func configuration(
        layers: [LayerGeometry], context: ContextBound
    ) throws(NuthatchError) -> CacheConfiguration {
        try checkWindows(of: layers)
        do {
            let growing = try makeConfiguration(of: layers, growth: .dynamic)
            let most = try context.tokenCount(in: CachePlan(growing, layers: layers))
            switch growth {
            case .dynamic: return growing
            case .reserved(let tokenCount):
                if let most, tokenCount > most { throw Self.refusal(of: tokenCount, beyond: most, context) }
                return try makeConfiguration(of: layers, growth: .reserved(tokenCount: tokenCount))
            case .reservedContext:
                // What goes on without end keeps no more pages than its window takes.
                return try makeConfiguration(
                    of: layers, growth: .reserved(tokenCount: most ?? CacheLimits.tokenCount))
            }
        } catch {
            throw NuthatchError(explaining: error)
        }
    }

    /// The cache of layers that belong to no model here, which nothing bounds.
    ///
    /// - Parameter contextLength: what a cache that is reserved for the whole context is reserved for.
    func configuration(
        layers: [LayerGeometry], growingTo contextLength: Int
    ) throws(NuthatchError) -> CacheConfiguration {
        try checkWindows(of: layers)
        do throws(CacheError) {
            switch growth {
            case .dynamic: return try makeConfiguration(of: layers, growth: .dynamic)
            case .reserved(let tokenCount):
                return try makeConfiguration(of: layers, growth: .reserved(tokenCount: tokenCount))
            case .reservedContext:
                return try makeConfiguration(of: layers, growth: .reserved(tokenCount: contextLength))
            }
        } catch { throw NuthatchError(error) }
    }

    private func checkWindows(of layers: [LayerGeometry]) throws(NuthatchError) {
        if layers.contains(where: { $0.retention != .full }) { return }
        guard windowKeys == keys, windowValues == values else {
            throw NuthatchError(
                code: .usage,
                message: "A storage was asked for layers with a window, but no layer of the model has one.",
                remedy: "Say how all keys and values are held (--kv-keys, --kv-values).")
        }
        guard retention == .modelWindow else { return }
        throw NuthatchError(
            code: .usage,
            message: "A sliding_window cache was asked for, but no layer of the model has a window.",
            remedy: "Say how many tokens to keep (--kv-retention window=N), or choose another cache.")
    }

    private static func refusal(
        of tokenCount: Int, beyond most: Int, _ context: ContextBound
    ) -> NuthatchError {
        let longer =
            context.modelLength > most
            ? ", or load the model for a longer context (--context), up to \(context.modelLength)" : ""
        return NuthatchError(
            code: .usage,
            message:
                "The cache was to be reserved for \(Counted.text(tokenCount, "token")); the context holds \(most).",
            remedy: "Reserve at most \(most) (--kv-capacity)\(longer).")
    }

    /// Refuses what a model can't have, by its header alone.
    func check(_ header: ModelHeader, _ options: LoadOptions) throws {
        switch header {
        case .decoder(let description):
            _ = try plan(
                for: description,
                context: ContextBound(
                    description.specification, asked: options.contextLength,
                    reachesBeyond: options.reachesBeyondContext))
        case .encoderDecoder(let description):
            _ = try configuration(of: description, contextLength: options.contextLength)
        }
    }

    /// The cache of a decoder that is loaded, as arithmetic.
    ///
    /// - Throws: `NuthatchError` (usage) where the model has not what the options ask for.
    func plan(for decoder: Decoder) throws(NuthatchError) -> CachePlan {
        let layers = decoder.layerGeometries
        let configuration = try configuration(layers: layers, context: decoder.context)
        do { return try CachePlan(configuration, layers: layers) } catch { throw NuthatchError(error) }
    }

    /// The cache of one decoder, as arithmetic.
    ///
    /// - Throws: `NuthatchError` (usage) where the model has not what the options ask for.
    package func plan(
        for description: ModelDescription, context: ContextBound
    ) throws(NuthatchError) -> CachePlan {
        let specification = description.specification
        let layers = specification.layerGeometries
        let configuration = try configuration(layers: layers, context: context)
        let plan: CachePlan
        do { plan = try CachePlan(configuration, layers: layers) } catch { throw NuthatchError(error) }
        do {
            try specification.checkRetention(of: plan, family: description.family)
        } catch { throw NuthatchError(error) }
        return plan
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
        of description: EncoderDecoderDescription, contextLength: Int? = nil
    ) throws(NuthatchError) -> PairConfiguration {
        let context: ContextBound
        do {
            context = try ContextBound(description.specification.decoder, asked: contextLength)
        } catch { throw NuthatchError(error) }
        return try configuration(
            of: description.specification, context: context, family: description.family)
    }

    package func configuration(
        of specification: EncoderDecoderSpecification, context: ContextBound, family: String
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
        let answer = try configuration(layers: layers, context: context)
        let plan: CachePlan
        do { plan = try CachePlan(answer, layers: layers) } catch { throw NuthatchError(error) }
        do {
            try specification.checkRetention(of: plan, family: family)
        } catch { throw NuthatchError(error) }
        return PairConfiguration(answer: answer, sourceCapacity: sourceCapacity)
    }

    /// - Parameter layers: those of the model; none where it is not known yet.
    func makeConfiguration(
        of layers: [LayerGeometry] = [], growth: NuthatchCache.Growth
    ) throws(CacheError) -> CacheConfiguration {
        let followsKeys = layers.contains { $0.values == .firstKeyColumns }
        let keyStorage = try keys.storage(keyCoding)
        let valueStorage =
            followsKeys && values == keys && !asksForValueCoding
            ? keyStorage : try values.storage(valueCoding)
        let windows = LayerStorage(
            keys: windowKeys == keys
                ? keyStorage : try windowKeys.storage(windowKeys.bestSettings?.keyCoding),
            values: windowValues == values
                ? valueStorage : try windowValues.storage(windowValues.bestSettings?.valueCoding))
        return try CacheConfiguration(
            keyStorage: keyStorage, valueStorage: valueStorage, windowStorage: windows,
            residualLength: residualLength, exactSinkCount: exactFirstCount,
            rotation: followsKeys && !asksForRotation ? [] : rotation.rotation,
            retention: retention.own, placement: placement.placement, growth: growth)
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
