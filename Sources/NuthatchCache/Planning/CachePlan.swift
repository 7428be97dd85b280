import NuthatchTensors

/// What caches cost in bytes, computed before anything is allocated.
///
/// This is the only place that knows: caches and their pool allocate what it says, and whoever admits a
/// request, prints a plan or sets a budget asks the same functions (law L2). All sums are checked; nil means
/// that a number exceeds 63 bits, and so any memory.
package struct CachePlan: Sendable, Hashable {
    package let configuration: CacheConfiguration
    package let layers: [LayerPlan]
    /// The last position from which a query looks beyond its window, the same in all layers where it is not its own
    /// (`Retention.distantPosition`); nil without such layers.
    package let distantLimit: Int?

    /// - Throws: `CacheError.invalidConfiguration` for no layers, too many, one beyond `CacheLimits`, or some that
    ///   do not go together.
    package init(_ configuration: CacheConfiguration, layers: [LayerGeometry]) throws(CacheError) {
        guard (1...CacheLimits.layerCount).contains(layers.count) else {
            throw .invalidConfiguration(
                reason:
                    "A model of \(Counted.text(layers.count, "layer")); a cache takes 1 to \(CacheLimits.layerCount).",
                remedy: "Check the model's configuration; its file may be damaged.")
        }
        var plans: [LayerPlan] = []
        for (index, layer) in layers.enumerated() {
            plans.append(try LayerPlan(layer, layer: index, configuration: configuration))
        }
        self.configuration = configuration
        self.layers = plans
        distantLimit = try Self.distantLimit(plans, configuration)
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
        return sum(frames(tokenCount: tokenCount)) {
            $0.byteCount($0.pages(tokenCount: tokenCount, newTokenCount: newTokenCount))
        }
    }

    /// The most bytes sequences take at once while each grows to `contextLength` tokens, at most
    /// `configuration.chunkLength` at a time, sharing nothing.
    package func peakByteCount(contextLength: Int, sequenceCount: Int = 1) -> Int? {
        guard isPossible(contextLength), sequenceCount >= 0 else { return nil }
        let chunkLength = configuration.chunkLength
        let most = sum(frames(tokenCount: contextLength)) {
            $0.byteCount($0.mostPages(capacity: contextLength, chunkLength: chunkLength))
        }
        guard let bytes = most else { return nil }
        return ByteCount(bytes, times: sequenceCount).value
    }

    /// The longest context that `sequenceCount` sequences reach within `byteBudget` bytes; 0 if not even one
    /// token.
    package func largestContext(byteBudget: Int, sequenceCount: Int = 1) -> Int {
        Self.largest(below: CacheLimits.tokenCount) { contextLength in
            fits(byteBudget, contextLength: contextLength, sequenceCount: sequenceCount)
        }
    }

    /// The most sequences of `contextLength` tokens each within `byteBudget` bytes; 0 if not even one.
    package func largestSequenceCount(byteBudget: Int, contextLength: Int) -> Int {
        Self.largest(below: CacheLimits.tokenCount) { sequenceCount in
            fits(byteBudget, contextLength: contextLength, sequenceCount: sequenceCount)
        }
    }

    private func fits(_ byteBudget: Int, contextLength: Int, sequenceCount: Int) -> Bool {
        guard let bytes = peakByteCount(contextLength: contextLength, sequenceCount: sequenceCount) else {
            return false
        }
        return bytes <= byteBudget
    }

    /// The largest number up to `limit` that fits, found by bisection: more never takes fewer bytes.
    package static func largest(below limit: Int, _ fits: (Int) -> Bool) -> Int {
        var most = 0
        var exceeds = limit + 1
        while exceeds - most > 1 {
            let middle = most + (exceeds - most) / 2
            if fits(middle) { most = middle } else { exceeds = middle }
        }
        return most
    }

    /// Bytes that each further token adds once every window is full: those of the layers with full history.
    package var bytesPerToken: Double {
        layers.reduce(0) { sum, layer in
            guard layer.retention == .full else { return sum }
            return sum + Double(layer.sealedLayout.byteCount) / Double(layer.sealedLayout.pageLength)
        }
    }

    // MARK: Disk

    /// Frames for pages from disk: two sets, for the layer in use and the next.
    package struct Frames: Sendable, Equatable {
        /// Per set.
        package let count: Int
        /// Bytes of one page.
        package let byteCount: Int

        var totalByteCount: ByteCount { ByteCount(2 * byteCount, times: count) }
    }

    /// The frames of a sequence of `tokenCount` tokens; none in memory. As many as the largest layer has pages.
    package func frames(tokenCount: Int) -> Frames {
        guard configuration.placement.isDisk else { return Frames(count: 0, byteCount: 0) }
        let chunkLength = configuration.chunkLength
        // No lists: schedulers ask in every step.
        return layers.reduce(Frames(count: 0, byteCount: 0)) { most, layer in
            Frames(
                count: max(most.count, layer.kept.mostSealed(capacity: tokenCount, chunkLength: chunkLength)),
                byteCount: max(most.byteCount, layer.sealedByteCount(of: 0)))
        }
    }

    /// Bytes on disk of one sequence of `tokenCount` tokens, slots rounded up to blocks of the file; under reserved
    /// growth those of the reservation. 0 in memory.
    package func diskByteCount(tokenCount: Int) -> Int? {
        var capacity: Int?
        if case .reserved(let tokenCount) = configuration.growth { capacity = tokenCount }
        let chunkLength = configuration.chunkLength
        return layers.reduce(ByteCount(0, times: 0)) { sum, layer in
            let count =
                capacity.map { layer.mostPages(capacity: $0, chunkLength: chunkLength).stored }
                ?? layer.pages(tokenCount: tokenCount).stored
            guard count > 0 else { return sum }
            return sum + ByteCount(PageFile.extent(layer.sealedLayout.byteCount), times: count - 1)
                + ByteCount(PageFile.extent(layer.sealedByteCount(of: 0)), times: 1)
        }.value
    }

    private func isPossible(_ tokenCount: Int) -> Bool { (0...CacheLimits.tokenCount).contains(tokenCount) }

    private func sum(_ frames: Frames, _ byteCount: (LayerPlan) -> ByteCount) -> Int? {
        layers.reduce(frames.totalByteCount) { $0 + byteCount($1) }.value
    }
}
