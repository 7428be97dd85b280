import CNuthatchKernels

/// Packs rows of one format into panels of one layout, by way of float32 where the layout is not the format's own.
struct PanelPacker: ~Copyable {
    private let format: ElementFormat
    private let layout: PanelLayout
    private let inputCount: Int
    /// One native panel, then 16 rows of floats; empty if the layout is the format's own.
    private let scratch: AlignedBuffer
    private let native: PanelLayout

    init(format: ElementFormat, inputCount: Int, layout: PanelLayout) throws(TensorError) {
        self.format = format
        self.layout = layout
        self.inputCount = inputCount
        native = PanelLayout.native(format)
        let floatByteCount = PackedMatrix.panelWidth * inputCount * MemoryLayout<Float>.stride
        scratch = try AlignedBuffer(
            byteCount: native == layout ? 0 : native.panelByteCount(inputCount: inputCount) + floatByteCount,
            purpose: "converting weights")
    }

    /// Packs at most 16 rows into a zeroed panel.
    func pack(_ rows: ArraySlice<UnsafeRawPointer>, into panel: UnsafeMutableRawPointer) {
        let panel = panel.assumingMemoryBound(to: UInt8.self)
        let isNative = native == layout
        let nativePanel = isNative ? panel : scratch.base.assumingMemoryBound(to: UInt8.self)
        let rowPointers = rows.map { $0.assumingMemoryBound(to: UInt8.self) }
        rowPointers.withUnsafeBufferPointer { pointers in
            guard let pointers = pointers.baseAddress else { return }
            nuthatch_pack_panel(format.kernelFormat, pointers, rows.count, inputCount, nativePanel)
        }
        if isNative { return }

        let nativeByteCount = native.panelByteCount(inputCount: inputCount)
        let floats = (scratch.base + nativeByteCount).assumingMemoryBound(to: Float.self)
        let floatRows = (0..<rows.count).map { UnsafePointer(floats + $0 * inputCount) }
        for lane in 0..<rows.count {
            nuthatch_unpack_lane(
                native.kernelLayout, nativePanel, lane, inputCount, floats + lane * inputCount)
        }
        floatRows.withUnsafeBufferPointer { pointers in
            guard let pointers = pointers.baseAddress else { return }
            nuthatch_pack_floats(layout.kernelLayout, pointers, rows.count, inputCount, panel)
        }
    }
}
