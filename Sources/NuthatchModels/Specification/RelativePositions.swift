import NuthatchTensors

/// Distances in buckets, each of which is worth a learned number to each head (arXiv:1910.10683, 2.1): near ones have a
/// bucket each, further ones share in logarithmic steps, and all from `maximumDistance` on share the last.
package struct RelativePositions: Sendable, Equatable {
    package var bucketCount: Int
    package var maximumDistance: Int

    package init(bucketCount: Int, maximumDistance: Int) {
        self.bucketCount = bucketCount
        self.maximumDistance = maximumDistance
    }

    /// The bucket of a distance, the key's position less the query's.
    ///
    /// - Parameter isBidirectional: half of the buckets are for keys beyond the query; else those share that of 0.
    package func bucket(_ distance: Int, isBidirectional: Bool) -> Int {
        let count = isBidirectional ? bucketCount / 2 : bucketCount
        let first = isBidirectional && distance > 0 ? count : 0
        let magnitude = isBidirectional ? abs(distance) : max(-distance, 0)
        let exactCount = count / 2
        guard magnitude >= exactCount else { return first + magnitude }
        // In float32, as models were trained with: whether a power of two falls into the next bucket is rounding.
        let share =
            Float(RealFunctions.logarithm(Double(Float(magnitude) / Float(exactCount))))
            / Float(RealFunctions.logarithm(Double(maximumDistance) / Double(exactCount)))
        return first + min(exactCount + Int(share * Float(count - exactCount)), count - 1)
    }

    /// - Throws: `ModelError.outOfRange`, `ModelError.invalid`.
    func validate(isBidirectional: Bool, file: String) throws(ModelError) {
        try ModelLimit.bucketCount.check(bucketCount, file: file, field: "the number of relative positions")
        try ModelLimit.relativeDistance.check(
            maximumDistance, file: file, field: "the largest relative position")
        let exactCount = bucketCount / (isBidirectional ? 4 : 2)
        guard exactCount >= 1 else {
            throw .invalid(
                file: file, field: "the number of relative positions",
                reason: "is \(bucketCount), too few for near and far ones")
        }
        guard maximumDistance > exactCount else {
            throw .invalid(
                file: file, field: "the largest relative position",
                reason: "is \(maximumDistance), and \(exactCount) distances have a number of their own")
        }
    }
}
