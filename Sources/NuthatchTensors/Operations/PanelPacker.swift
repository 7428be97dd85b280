import CNuthatchKernels

/// Packs rows of one format into panels of one layout, by way of float32 where the layout is not the format's own.
///
/// A program: each worker packs a share of the panels.
struct PanelPacker: WorkerProgram {
    private let format: ElementFormat
    private let layout: PanelLayout
    private let inputCount: Int
    /// Valid while the sources of the matrix live.
    private let rows: [UnsafeRawBufferPointer]
    /// [panel]; zeroed before.
    private let panels: UnsafeMutableRawPointer
    private let panelByteCount: Int
    /// 16 rows for each worker, [16, inputCount]; nil if the layout is the format's own.
    private let rowValues: UnsafeMutablePointer<Float>?
    /// [worker]: the first row that each met with a number beyond what the layout holds.
    private let excesses: UnsafeMutablePointer<Excess>

    /// A row with a number beyond what the layout holds; a magnitude of 0 is none.
    struct Excess {
        var row = 0
        var magnitude: Float = 0
    }

    /// Packs `rows`, all of `inputCount` elements in `format`.
    ///
    /// - Parameters:
    ///   - panels: zeroed memory for all of them.
    ///   - pool: whose workers share the panels; nil packs here.
    /// - Returns: the first row with a number beyond what the layout holds, whose panels then mean nothing.
    /// - Throws: `TensorError.outOfMemory` if there is no room for rows in floats.
    static func pack(
        _ rows: [UnsafeRawBufferPointer], format: ElementFormat, inputCount: Int, layout: PanelLayout,
        into panels: UnsafeMutableRawPointer, on pool: WorkerPool?
    ) throws(TensorError) -> Excess? {
        let isNative = PanelLayout.native(format) == layout
        let workerByteCount = PackedMatrix.panelWidth * inputCount * MemoryLayout<Float>.stride
        let rowValues = try AlignedBuffer(
            byteCount: isNative ? 0 : workerByteCount * (pool?.workerCount ?? 1),
            purpose: "converting weights")
        return withUnsafeTemporaryAllocation(of: Excess.self, capacity: pool?.workerCount ?? 1) { excesses in
            excesses.initialize(repeating: Excess())
            guard let base = excesses.baseAddress else { return nil }
            let packer = PanelPacker(
                format: format, layout: layout, inputCount: inputCount, rows: rows, panels: panels,
                panelByteCount: layout.panelByteCount(inputCount: inputCount),
                rowValues: isNative ? nil : rowValues.floats, excesses: base)
            if let pool {
                pool.run(packer)
            } else {
                packer.pack(0..<packer.panelCount, by: 0)
            }
            return excesses.filter { $0.magnitude > 0 }.min { $0.row < $1.row }
        }
    }

    private var panelCount: Int { (rows.count + PackedMatrix.panelWidth - 1) / PackedMatrix.panelWidth }

    func run(on worker: Worker) { pack(worker.share(of: panelCount), by: worker.index) }

    private func pack(_ panels: Range<Int>, by workerIndex: Int) {
        for panel in panels {
            let first = panel * PackedMatrix.panelWidth
            let own = rows[first..<min(first + PackedMatrix.panelWidth, rows.count)]
            let target = self.panels + panel * panelByteCount
            if let rowValues {
                let excess = convert(
                    own, by: rowValues + workerIndex * PackedMatrix.panelWidth * inputCount,
                    into: target.assumingMemoryBound(to: UInt8.self))
                // What can't be held ends the work.
                if let excess {
                    excesses[workerIndex] = excess
                    return
                }
            } else {
                pack(own, into: target.assumingMemoryBound(to: UInt8.self))
            }
        }
    }

    private func pack(_ rows: ArraySlice<UnsafeRawBufferPointer>, into panel: UnsafeMutablePointer<UInt8>) {
        let pointers = rows.compactMap { $0.baseAddress?.assumingMemoryBound(to: UInt8.self) }
        pointers.withUnsafeBufferPointer { pointers in
            guard let base = pointers.baseAddress else { return }
            nuthatch_pack_panel(format.kernelFormat, base, pointers.count, inputCount, panel)
        }
    }

    /// By way of float32; returns the first row with a number beyond what the layout holds.
    private func convert(
        _ rows: ArraySlice<UnsafeRawBufferPointer>, by values: UnsafeMutablePointer<Float>,
        into panel: UnsafeMutablePointer<UInt8>
    ) -> Excess? {
        for (lane, row) in rows.enumerated() {
            format.decode(
                row, into: UnsafeMutableBufferPointer(start: values + lane * inputCount, count: inputCount))
        }
        let pointers = rows.indices.map { row in
            UnsafePointer(values + (row - rows.startIndex) * inputCount)
        }
        return pointers.withUnsafeBufferPointer { pointers in
            guard let base = pointers.baseAddress else { return nil }
            let excess = nuthatch_pack_floats(
                layout.kernelLayout, base, pointers.count, inputCount, panel)
            return excess.magnitude > 0
                ? Excess(row: rows.startIndex + excess.lane, magnitude: excess.magnitude) : nil
        }
    }
}
