/// What caches cost in bytes, computed before anything is allocated.
///
/// This is the only place that knows: caches and their pool allocate what it says, and whoever admits a
/// request, prints a plan or sets a budget asks the same functions (law L2). All sums are checked; nil means
/// that a number exceeds 63 bits, and so any memory.
package struct CachePlan: Sendable, Equatable {
    package let configuration: CacheConfiguration
    package let layers: [LayerPlan]

    /// - Throws: `CacheError.invalidConfiguration` for no layers, too many, or one beyond `CacheLimits`.
    package init(_ configuration: CacheConfiguration, layers: [LayerGeometry]) throws(CacheError) {
        guard (1...CacheLimits.layerCount).contains(layers.count) else {
            throw .invalidConfiguration(
                reason: "A model of \(layers.count) layers; a cache takes 1 to \(CacheLimits.layerCount).",
                remedy: "Check the model's configuration; its file may be damaged.")
        }
        var plans: [LayerPlan] = []
        for (index, layer) in layers.enumerated() {
            plans.append(try LayerPlan(layer, layer: index, configuration: configuration))
        }
        self.configuration = configuration
        self.layers = plans
    }

    /// Bytes of one sequence now: `tokenCount` tokens seen, room for `newTokenCount` more (as after
    /// `SequenceCache.reserve`). Under reserved growth always the reservation.
    package func byteCount(tokenCount: Int, newTokenCount: Int = 0) -> Int? {
        if case .reserved(let capacity) = configuration.growth {
            return peakByteCount(contextLength: capacity)
        }
        guard isPossible(tokenCount), isPossible(newTokenCount), isPossible(tokenCount + newTokenCount) else {
            return nil
        }
        return sum { $0.pageCount(tokenCount: tokenCount, newTokenCount: newTokenCount) }
    }

    /// The most bytes sequences take at once while each grows to `contextLength` tokens, at most
    /// `configuration.chunkLength` at a time, sharing nothing.
    package func peakByteCount(contextLength: Int, sequenceCount: Int = 1) -> Int? {
        guard isPossible(contextLength), sequenceCount >= 0 else { return nil }
        let chunkLength = configuration.chunkLength
        let bytes = sum { $0.mostPages(capacity: contextLength, chunkLength: chunkLength) }
        guard let (product, overflow) = bytes?.multipliedReportingOverflow(by: sequenceCount), !overflow
        else {
            return nil
        }
        return product
    }

    /// The longest context that `sequenceCount` sequences reach within `byteBudget` bytes; 0 if not even one
    /// token.
    package func largestContext(byteBudget: Int, sequenceCount: Int = 1) -> Int {
        // More tokens never take fewer bytes, so bisection finds the last that fits.
        var fits = 0
        var exceeds = CacheLimits.tokenCount + 1
        while exceeds - fits > 1 {
            let middle = fits + (exceeds - fits) / 2
            if let bytes = peakByteCount(contextLength: middle, sequenceCount: sequenceCount),
                bytes <= byteBudget
            {
                fits = middle
            } else {
                exceeds = middle
            }
        }
        return fits
    }

    /// Bytes that each further token adds once every window is full: those of the layers with full history.
    package var bytesPerToken: Double {
        layers.reduce(0) { sum, layer in
            guard layer.geometry.retention == .full else { return sum }
            return sum + Double(layer.layout.byteCount) / Double(layer.layout.pageLength)
        }
    }

    private func isPossible(_ tokenCount: Int) -> Bool { (0...CacheLimits.tokenCount).contains(tokenCount) }

    private func sum(_ pageCount: (LayerPlan) -> Int) -> Int? {
        var total = 0
        for layer in layers {
            let (bytes, isTooMany) = layer.layout.byteCount.multipliedReportingOverflow(by: pageCount(layer))
            let (sum, isTooLarge) = total.addingReportingOverflow(bytes)
            guard !isTooMany, !isTooLarge else { return nil }
            total = sum
        }
        return total
    }
}
