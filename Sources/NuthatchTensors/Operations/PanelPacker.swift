import CNuthatchKernels

/// Packs rows of one format into panels of one layout, by way of float32 where the layout is not the format's own.
struct PanelPacker: ~Copyable {
    private let format: ElementFormat
    private let layout: PanelLayout
    private let inputCount: Int
    private let isNative: Bool
    /// 16 rows, [16, inputCount], Float; empty if the layout is the format's own.
    private let rowValues: AlignedBuffer

    init(format: ElementFormat, inputCount: Int, layout: PanelLayout) throws(TensorError) {
        self.format = format
        self.layout = layout
        self.inputCount = inputCount
        isNative = PanelLayout.native(format) == layout
        rowValues = try AlignedBuffer(
            byteCount: isNative ? 0 : PackedMatrix.panelWidth * inputCount * MemoryLayout<Float>.stride,
            purpose: "converting weights")
    }

    /// Packs at most 16 rows into a zeroed panel.
    func pack(_ rows: ArraySlice<UnsafeRawBufferPointer>, into panel: UnsafeMutableRawPointer) {
        let panel = panel.assumingMemoryBound(to: UInt8.self)
        if isNative {
            let pointers = rows.compactMap { $0.baseAddress?.assumingMemoryBound(to: UInt8.self) }
            pointers.withUnsafeBufferPointer { pointers in
                guard let base = pointers.baseAddress else { return }
                nuthatch_pack_panel(format.kernelFormat, base, pointers.count, inputCount, panel)
            }
            return
        }
        for (lane, row) in rows.enumerated() {
            format.decode(
                row,
                into: UnsafeMutableBufferPointer(
                    start: rowValues.floats + lane * inputCount, count: inputCount))
        }
        let pointers = rows.indices.map { row in
            UnsafePointer(rowValues.floats + (row - rows.startIndex) * inputCount)
        }
        pointers.withUnsafeBufferPointer { pointers in
            guard let base = pointers.baseAddress else { return }
            nuthatch_pack_floats(layout.kernelLayout, base, pointers.count, inputCount, panel)
        }
    }
}
