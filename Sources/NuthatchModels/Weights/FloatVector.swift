import NuthatchTensors

/// A norm's weights or a layer's biases, in float32, where kernels can find them.
final class FloatVector: Sendable {
    let count: Int
    private let buffer: AlignedBuffer

    init(_ values: [Float]) throws(ModelError) {
        count = values.count
        buffer = try allocating { () throws(TensorError) in
            try AlignedBuffer(
                byteCount: values.count * MemoryLayout<Float>.size, purpose: "norm weights and biases")
        }
        buffer.floats.update(from: values, count: values.count)
    }

    /// Valid while this object lives.
    var base: UnsafePointer<Float> { UnsafePointer(buffer.floats) }
    var byteCount: Int { count * MemoryLayout<Float>.size }
}
