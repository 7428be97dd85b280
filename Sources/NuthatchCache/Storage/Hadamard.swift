import CNuthatchKernels

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
