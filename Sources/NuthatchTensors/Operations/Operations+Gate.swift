import CNuthatchKernels

/// Where a feed-forward's inner activations go: [gate | up] side by side, of equal width, or up alone in `gate`.
package struct GateRows {
    package let gate: Rows
    package let up: Rows?
    /// The outputs of each matrix, together both of them.
    package let outputs: [Rows]

    package init(gate: Rows, up: Rows?, outputs: [Rows]) {
        self.gate = gate
        self.up = up
        self.outputs = outputs
    }
}

extension Operations {
    /// gate = activation(gate) * up, where [gate | up] = input x matrices^T + bias; without up the product is left out.
    ///
    /// One phase: whoever multiplies panels of the gate multiplies the same ones of up and then activates what it has
    /// just written. Where gate and up meet inside a panel there is a barrier between instead. Everything else is as
    /// in `multiply`.
    package func multiplyAndActivate(
        _ input: Rows, isQuantized: Bool = false, by matrices: [PackedMatrix], bias: UnsafePointer<Float>?,
        activation: Activation, into rows: GateRows, before upcoming: PrefetchHint? = nil,
        scratch: QuantizedRows, on worker: Worker
    ) {
        let width = rows.gate.columnCount
        let panelWidth = PackedMatrix.panelWidth
        guard rows.up == nil || width % panelWidth == 0 else {
            multiply(
                input, isQuantized: isQuantized, by: matrices, into: rows.outputs, scratch: scratch,
                on: worker)
            worker.barrier()
            let (ownRows, ownColumns) = worker.share(
                ofRows: input.rowCount, orColumns: width, grain: panelWidth)
            activate(rows, ownRows, ownColumns, bias: bias, activation)
            return
        }
        let blocks = blocks(of: input, isQuantized, for: matrices, scratch: scratch, on: worker)
        let panelCount = PackedMatrix.panelCount(outputCount: width)
        forEachPart(rowCount: input.rowCount, panelCount: panelCount, on: worker) { part, panels in
            let upPanels = panels.lowerBound + panelCount..<panels.upperBound + panelCount
            multiply(
                input, part, blocks: blocks, by: matrices, panels: panels, into: rows.outputs,
                before: Self.firstPanels(of: matrices, in: upPanels) ?? upcoming, on: worker)
            if rows.up != nil {
                multiply(
                    input, part, blocks: blocks, by: matrices, panels: upPanels, into: rows.outputs,
                    before: upcoming, on: worker)
            }
            activate(rows, part, columns(of: panels, width: width), bias: bias, activation)
        }
    }

    func activate(
        _ rows: GateRows, _ range: Range<Int>, _ columns: Range<Int>, bias: UnsafePointer<Float>?,
        _ activation: Activation
    ) {
        if columns.isEmpty { return }
        let width = rows.gate.columnCount
        for row in range {
            let gate = rows.gate[row] + columns.lowerBound
            let up = rows.up.map { $0[row] + columns.lowerBound }
            if let bias {
                kernels.functions.pointee.add(bias + columns.lowerBound, columns.count, gate)
                if let up {
                    kernels.functions.pointee.add(bias + width + columns.lowerBound, columns.count, up)
                }
            }
            kernels.functions.pointee.activate(
                gate, up.map { UnsafePointer($0) }, activation.kind, columns.count, gate)
        }
    }
}

extension Activation {
    /// This activation as the kernels name it.
    var kind: nuthatch_activation {
        switch self {
        case .silu: NUTHATCH_SILU
        case .geluTanh: NUTHATCH_GELU_TANH
        case .geluErf: NUTHATCH_GELU_ERF
        case .relu: NUTHATCH_RELU
        case .geluLogistic: NUTHATCH_GELU_LOGISTIC
        }
    }
}
