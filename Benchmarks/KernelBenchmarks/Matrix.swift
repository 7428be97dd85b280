import CNuthatchKernels
import NuthatchTensors

/// The down projection's panels, many times over. Of the model's matrices it is the one that all formats can
/// hold: its inputs are whole blocks of 256.
final class Matrix {
    static let inputCount = Shape.feedForward
    static let outputCount = Shape.hidden
    static let panelCount = outputCount / Int(NUTHATCH_PANEL_WIDTH)

    let byteCount: Int
    private let layout: nuthatch_layout
    let ring: Ring

    init(_ format: WeightFormat) throws(TensorError) {
        layout = nuthatch_native_layout(format.kernelFormat)
        byteCount = Self.panelCount * nuthatch_panel_byte_count(layout, Self.inputCount)
        ring = try Ring(entryByteCount: byteCount)
    }

    /// The next copy, as kernels take it; valid while this object lives.
    func next() -> nuthatch_panels {
        nuthatch_panels(
            base: ring.address(ring.take()).assumingMemoryBound(to: UInt8.self),
            panel_byte_count: byteCount / Self.panelCount, output_count: Self.outputCount,
            input_count: Self.inputCount, layout: layout, next: nil, next_panel_byte_count: 0,
            next_panel_count: 0)
    }
}
