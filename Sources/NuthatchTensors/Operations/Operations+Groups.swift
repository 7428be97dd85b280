import CNuthatchKernels

// Multiplications of groups of rows. Rows are quantised where they lie, tile by tile of each group, so that a group
// looks to a kernel like a pass of its own, and a row's bits don't depend on what else is in its group.

extension Operations {
    /// Quantises one of the tiles that `RowGroups.forEachOwnTile` gives.
    package func quantize(tile rows: Range<Int>, of input: Rows, into scratch: QuantizedRows) {
        precondition(
            input.rowCount <= scratch.maximumRowCount && input.columnCount <= scratch.maximumColumnCount,
            "the scratch for quantised activations covers every multiplication")
        kernels.functions.pointee.quantize_rows(
            input[rows.lowerBound], input.stride, rows.count, input.columnCount,
            scratch.blocks + rows.lowerBound * QuantizedRows.blockCount(columnCount: input.columnCount))
    }

    /// output = input x matrix^T, with each group's own matrix; all of one shape. Rows are quantised in `scratch` where
    /// a matrix asks for it, with a barrier since.
    package func multiply(
        _ input: Rows, _ groups: RowGroups, by matrix: (Int) -> PackedMatrix, into output: Rows,
        scratch: QuantizedRows, on worker: Worker
    ) {
        forEachPart(groups, outputCount: output.columnCount, on: worker) { group, rows, panels in
            multiply(
                input, rows, blocks: scratch.blocks, by: matrix(group), panels: panels, into: output,
                on: worker)
        }
    }

    /// gate = activation(gate) * up, with each group's own matrices for both. One phase, as for a single group.
    package func multiplyAndActivate(
        _ input: Rows, _ groups: RowGroups, byGate gate: (Int) -> PackedMatrix,
        up: (Int) -> PackedMatrix, activation: Activation, into rows: GateRows, scratch: QuantizedRows,
        on worker: Worker
    ) {
        guard let upRows = rows.up else { return }
        let width = rows.gate.columnCount
        forEachPart(groups, outputCount: width, on: worker) { group, part, panels in
            multiply(
                input, part, blocks: scratch.blocks, by: gate(group), panels: panels, into: rows.gate,
                on: worker)
            multiply(
                input, part, blocks: scratch.blocks, by: up(group), panels: panels, into: upRows, on: worker)
            activate(rows, part, columns(of: panels, width: width), bias: nil, activation)
        }
    }

    /// Calls `body` with what this worker takes: a group, some of its rows, some panels. A barrier has to follow.
    private func forEachPart(
        _ groups: RowGroups, outputCount: Int, on worker: Worker,
        _ body: (Int, Range<Int>, Range<Int>) -> Void
    ) {
        let panelCount = (outputCount + PackedMatrix.panelWidth - 1) / PackedMatrix.panelWidth
        let partsAcross = (panelCount + Self.panelsPerPart - 1) / Self.panelsPerPart
        var group = 0
        // Parts of the groups before.
        var first = 0
        while true {
            let part = worker.take()
            // What is taken only grows, so nothing is looked for twice.
            while group < groups.count,
                part >= first + Self.passCount(rowCount: groups[group].count) * partsAcross
            {
                first += Self.passCount(rowCount: groups[group].count) * partsAcross
                group += 1
            }
            guard group < groups.count else { return }
            let rows = groups[group]
            let row = rows.lowerBound + (part - first) / partsAcross * Self.rowsPerPass
            let panel = (part - first) % partsAcross * Self.panelsPerPart
            body(
                group, row..<min(row + Self.rowsPerPass, rows.upperBound),
                panel..<min(panel + Self.panelsPerPart, panelCount))
        }
    }

    /// The outputs of some panels.
    func columns(of panels: Range<Int>, width: Int) -> Range<Int> {
        panels.lowerBound * PackedMatrix.panelWidth..<min(panels.upperBound * PackedMatrix.panelWidth, width)
    }
}
