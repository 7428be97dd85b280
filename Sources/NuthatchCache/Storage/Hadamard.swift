import CNuthatchKernels

/// Multiplication by the matrix of `Rotation`, which is its own inverse.
enum Hadamard {
    /// Rotates vectors of `dimension` numbers, one after another, in place.
    static func rotate(_ floats: inout [Float], dimension: Int) {
        let count = floats.count / max(dimension, 1)
        floats.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            nuthatch_hadamard(base, count, dimension, dimension)
        }
    }
}
