import CNuthatchKernels

/// Which sides are held multiplied by a Hadamard matrix.
///
/// H is orthogonal and symmetric, so scores don't change where queries are multiplied too, nor do outputs that are
/// multiplied once more: q . k = Hq . Hk, and sum p v = H (sum p Hv). What changes is how evenly a token's
/// dimensions are filled, and with it the error of groups by token (QuaRot, arXiv:2404.00456). Each head is cut
/// into blocks of the largest power of two that divides its dimension.
package struct Rotation: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let keys = Rotation(rawValue: 1)
    package static let values = Rotation(rawValue: 2)

    /// The length of the blocks that a head of so many dimensions is cut into.
    static func blockLength(_ dimension: Int) -> Int { dimension & -dimension }
}

/// Multiplication by the matrix of `Rotation`, which is its own inverse.
enum Hadamard {
    /// Copies rows of `width` numbers, `stride` apart, and rotates their vectors of `dimension` numbers; the copies
    /// follow each other.
    static func copy(
        _ rows: UnsafePointer<Float>, stride: Int, count: Int, width: Int, dimension: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        for index in 0..<count {
            (target + index * width).update(from: rows + index * stride, count: width)
        }
        nuthatch_hadamard(target, count * (width / dimension), dimension, dimension)
    }

    /// Rotates `headCount` vectors of each of some rows, `stride` apart, in place.
    static func rotate(
        _ rows: UnsafeMutablePointer<Float>, stride: Int, count: Int, headCount: Int, dimension: Int
    ) {
        for index in 0..<count { nuthatch_hadamard(rows + index * stride, headCount, dimension, dimension) }
    }

    /// Rotates vectors of `dimension` numbers, one after another, in place.
    static func rotate(_ floats: inout [Float], dimension: Int) {
        let count = floats.count / max(dimension, 1)
        floats.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            nuthatch_hadamard(base, count, dimension, dimension)
        }
    }
}
