import CNuthatchKernels
package import NuthatchTensors

/// What a score gains by the distance from its query to its key, for each query head: the relative positions of T5
/// (arXiv:1910.10683, 2.1).
///
/// Immutable, so that all layers and passes may share it. Equal only to itself.
package final class PositionBias: Sendable, Equatable {
    package let headCount: Int
    /// All distances beyond it, on either side, are worth what it is.
    package let reach: Int
    /// [head][distance], from -reach - 16 to reach + 16; see `nuthatch_distance_bias`.
    private let buffer: AlignedBuffer

    /// - Parameter value: of a head and a distance, the key's position less the query's, from -reach to reach.
    /// - Throws: `TensorError.outOfMemory`.
    package init(
        headCount: Int, reach: Int, _ value: (_ head: Int, _ distance: Int) -> Float
    ) throws(TensorError) {
        precondition(headCount > 0 && reach >= 0, "a bias is for some head")
        self.headCount = headCount
        self.reach = reach
        let count = nuthatch_distance_bias_count(Int64(reach))
        buffer = try AlignedBuffer(
            byteCount: Self.byteCount(headCount: headCount, reach: reach), purpose: "relative positions")
        for head in 0..<headCount {
            for index in 0..<count {
                let distance = index - reach - PageLayout.panelWidth
                buffer.floats[head * count + index] = value(head, min(max(distance, -reach), reach))
            }
        }
    }

    package var byteCount: Int { buffer.byteCount }

    /// Known before there is one.
    package static func byteCount(headCount: Int, reach: Int) -> Int {
        headCount * nuthatch_distance_bias_count(Int64(reach)) * MemoryLayout<Float>.size
    }

    package static func == (left: PositionBias, right: PositionBias) -> Bool { left === right }

    /// What a distance is worth to a head.
    package func value(head: Int, distance: Int) -> Float {
        let row = values(fromHead: head)
        return row.values?[min(max(distance, -reach), reach) + reach + PageLayout.panelWidth] ?? 0
    }

    /// Biases of the heads from `head` on; valid while this object lives.
    func values(fromHead head: Int) -> nuthatch_distance_bias {
        let stride = nuthatch_distance_bias_count(Int64(reach))
        return nuthatch_distance_bias(
            values: UnsafePointer(buffer.floats + head * stride), stride: stride, reach: Int64(reach))
    }
}
