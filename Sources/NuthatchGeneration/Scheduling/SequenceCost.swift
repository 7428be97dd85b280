package import NuthatchCache

/// What one sequence's keys and values take, as the planner says (`CachePlan`), quick enough to ask for every sequence in
/// every step: equal layers are asked once.
///
/// Numbers beyond any memory are `unaffordable`, so that sums of them don't overflow.
package struct SequenceCost: Sendable, Hashable {
    /// 128 TiB, more than is ever in one machine; a sum of 2^15 of it still fits 63 bits.
    package static let unaffordable = 1 << 47

    private struct Part: Hashable, Sendable {
        let plan: CachePlan
        var layerCount: Int
    }

    private let parts: [Part]
    /// Whether its pages are its own from the beginning: then nothing that it computes takes more.
    private let isHeld: Bool

    /// - Parameters:
    ///   - rowCount: tokens that may come at once. A cache that grows on demand in memory takes as many as that; one
    ///   that has set pages or frames aside for chunks takes no longer ones.
    ///   - isHeld: whether all that it will ever take was taken up front, and is counted as used already.
    /// - Throws: what `CachePlan` throws for a model of one of the plan's layers.
    package init(_ plan: CachePlan, rowCount: Int, isHeld: Bool = false) throws(CacheError) {
        self.isHeld = isHeld
        let configuration = try Self.configuration(plan.configuration, rowCount: rowCount)
        var parts: [Part] = []
        for layer in plan.layers {
            if let index = parts.firstIndex(where: { $0.plan.layers[0].geometry == layer.geometry }) {
                parts[index].layerCount += 1
            } else {
                let plan = try CachePlan(configuration, layers: [layer.geometry])
                parts.append(Part(plan: plan, layerCount: 1))
            }
        }
        self.parts = parts
    }

    private static func configuration(
        _ cache: CacheConfiguration, rowCount: Int
    ) throws(CacheError) -> CacheConfiguration {
        guard cache.growth == .dynamic, !cache.placement.isDisk else { return cache }
        return try CacheConfiguration(
            keyStorage: cache.keyStorage, valueStorage: cache.valueStorage,
            windowStorage: cache.windowStorage, residualStorage: cache.residualStorage,
            residualLength: cache.residualLength, exactSinkCount: cache.exactSinkCount,
            rotation: cache.rotation,
            retention: cache.retention, placement: cache.placement, growth: cache.growth,
            pageLength: cache.pageLength, chunkLength: max(rowCount, cache.chunkLength),
            guaranteedRewind: cache.guaranteedRewind)
    }

    private var reservedTokenCount: Int? {
        if case .reserved(let tokenCount) = parts[0].plan.configuration.growth { tokenCount } else { nil }
    }

    /// Tokens of one page.
    package var pageLength: Int { parts[0].plan.configuration.pageLength }

    /// The most tokens at once that `peakByteCount` allows for.
    package var chunkLength: Int { parts[0].plan.configuration.chunkLength }

    /// Bytes with `tokenCount` tokens there and room for `newTokenCount` more: `CachePlan.byteCount`.
    package func byteCount(tokenCount: Int, newTokenCount: Int = 0) -> Int {
        sum(tokenCount: tokenCount) { $0.byteCount(tokenCount: tokenCount, newTokenCount: newTokenCount) }
    }

    /// The most bytes on the way from nothing to `tokenCount` tokens: `CachePlan.peakByteCount`, or what was reserved up
    /// front.
    package func peakByteCount(tokenCount: Int) -> Int {
        max(
            sum(tokenCount: tokenCount) { $0.peakByteCount(contextLength: tokenCount) },
            byteCount(tokenCount: tokenCount))
    }

    /// Layers add up, but for the frames of a cache on disk, which they share: as many and as large as any needs.
    private func sum(tokenCount: Int, _ byteCount: (CachePlan) -> Int?) -> Int {
        if isHeld { return 0 }
        let frameTokenCount = reservedTokenCount ?? tokenCount
        var sum = 0
        var (frameCount, frameByteCount) = (0, 0)
        for part in parts {
            guard let bytes = byteCount(part.plan) else { return Self.unaffordable }
            let frames = part.plan.frames(tokenCount: frameTokenCount)
            sum = Self.add(bytes - 2 * frames.count * frames.byteCount, part.layerCount, to: sum)
            frameCount = max(frameCount, frames.count)
            frameByteCount = max(frameByteCount, frames.byteCount)
        }
        return Self.add(2 * frameByteCount, frameCount, to: sum)
    }

    /// The most new tokens, up to `limit`, for which there is room in `byteCount` bytes beside `tokenCount` tokens; 0 if for
    /// none.
    func largestNewTokenCount(tokenCount: Int, byteCount: Int, limit: Int) -> Int {
        CachePlan.largest(below: limit) {
            self.byteCount(tokenCount: tokenCount, newTokenCount: $0) <= byteCount
        }
    }

    private static func add(_ byteCount: Int, _ count: Int, to sum: Int) -> Int {
        let (product, overflow) = byteCount.multipliedReportingOverflow(by: count)
        return overflow ? unaffordable : min(unaffordable, sum + min(unaffordable, product))
    }
}
