import CNuthatchKernels

/// A weight matrix packed once, at load, into panels of 16 outputs.
///
/// One row of activations (decode) and many (prefill) run the same per-element order over the inner
/// dimension, so an output's bits do not depend on how many rows were multiplied together (law L1).
package final class PackedMatrix: Sendable {
    package let outputCount: Int
    package let inputCount: Int
    /// Bytes the panels occupy.
    package let byteCount: Int
    package let layout: PanelLayout
    let panelByteCount: Int
    private let chunk: ArenaChunk
    // Safe to share: written in init only, and kept alive by `chunk`.
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer

    /// Outputs side by side in a panel: the float lanes of a 64-byte vector.
    package static let panelWidth = Int(NUTHATCH_PANEL_WIDTH)

    /// Bytes the panels of such a matrix occupy, before anything is allocated.
    package static func byteCount(
        outputCount: Int, inputCount: Int, format: ElementFormat, precision: WeightPrecision
    ) -> Int {
        PanelLayout(format: format, precision: precision).panelByteCount(inputCount: inputCount)
            * panelCount(outputCount: outputCount)
    }

    /// Packs `sources` stacked along their outputs (all of one input count and format).
    ///
    /// - Parameters:
    ///   - arena: shares large allocations with other matrices; nil gives this one its own.
    ///   - pool: whose workers share the packing; nil leaves it to the caller's thread.
    /// - Throws: `TensorError.outOfMemory` if the panels can't be allocated; `.weightBeyond` where the precision can't
    ///   hold a weight.
    package init(
        _ sources: [StoredMatrix], precision: WeightPrecision, in arena: WeightArena? = nil,
        on pool: WorkerPool? = nil
    ) throws(TensorError) {
        precondition(!sources.isEmpty, "a packed matrix has at least one source")
        let format = sources[0].format
        let inputCount = sources[0].inputCount
        precondition(
            sources.allSatisfy { $0.format == format && $0.inputCount == inputCount },
            "stacked matrices have one format and one input count")
        let rows = sources.flatMap { source in
            (0..<source.outputCount).map { source.rowBytes($0..<$0 + 1) }
        }
        layout = PanelLayout(format: format, precision: precision)
        outputCount = rows.count
        self.inputCount = inputCount
        panelByteCount = layout.panelByteCount(inputCount: inputCount)
        let panelCount = Self.panelCount(outputCount: rows.count)
        byteCount = panelByteCount * panelCount
        let arena = arena ?? WeightArena(sharing: false)
        (base, chunk) = try arena.allocate(
            byteCount: max(byteCount, 1), purpose: "a weight matrix of \(rows.count) x \(inputCount)",
            on: pool)
        let excess = try PanelPacker.pack(
            rows, format: format, inputCount: inputCount, layout: layout, into: base, on: pool)
        guard let excess else { return }
        var before = excess.row
        let source = sources.first { source in
            before -= source.outputCount
            return before < 0
        }
        throw .weightBeyond(
            tensor: source?.tensor ?? sources[0].tensor, magnitude: excess.magnitude,
            limit: layout.largestPacked, precision: precision)
    }

    package var panelCount: Int { Self.panelCount(outputCount: outputCount) }

    /// Panels that so many outputs take, the last one perhaps in part.
    static func panelCount(outputCount: Int) -> Int { (outputCount + panelWidth - 1) / panelWidth }

    /// The matrix as kernels take it; valid while this object lives.
    var panels: nuthatch_panels {
        nuthatch_panels(
            base: base.assumingMemoryBound(to: UInt8.self), panel_byte_count: panelByteCount,
            output_count: outputCount, input_count: inputCount, layout: layout.kernelLayout,
            next: nil, next_panel_byte_count: 0, next_panel_count: 0)
    }

    /// One output's weights as they are computed with, in float32 (one rounding each).
    package func weights(ofOutput output: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: inputCount) { buffer, count in
            guard let values = buffer.baseAddress else { return }
            unpack(output: output, into: values)
            count = inputCount
        }
    }

    /// Unpacks one output's weights into [inputCount].
    package func unpack(output: Int, into values: UnsafeMutablePointer<Float>) {
        precondition(output >= 0 && output < outputCount, "an output of the matrix")
        let panel = base + output / Self.panelWidth * panelByteCount
        nuthatch_unpack_lane(
            layout.kernelLayout, panel.assumingMemoryBound(to: UInt8.self), output % Self.panelWidth,
            inputCount, values)
    }
}

/// What weights are computed in.
package enum WeightPrecision: String, CaseIterable, Sendable {
    /// The file's own formats.
    case native
    case f32
    case bf16
    case q8
}
