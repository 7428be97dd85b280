import NuthatchTensors

/// Memory that holds kernels' inputs and outputs.
final class Floats {
    let base: UnsafeMutablePointer<Float>
    private let buffer: AlignedBuffer

    /// Zeros.
    init(count: Int) throws(TensorError) {
        buffer = try AlignedBuffer(byteCount: count * MemoryLayout<Float>.size, purpose: "a benchmark")
        base = buffer.floats
    }

    /// Numbers from -1 to 1, the same in every run.
    convenience init(random count: Int) throws(TensorError) {
        try self.init(count: count)
        var noise = Noise()
        for index in 0..<count { base[index] = Float(Int32(truncatingIfNeeded: noise.next())) * 0x1p-31 }
    }
}
