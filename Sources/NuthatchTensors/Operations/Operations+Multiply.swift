import CNuthatchKernels

extension Operations {
    /// Up to so many rows every worker quantises for itself instead of meeting the others twice: quantising a row of 576
    /// takes about as long as one meeting of two threads.
    private static let privateRowCount = 4

    /// Rows that pass a panel before the next panel: their quantised blocks (2 bytes per input) stay in a
    /// second-level cache of 1 MiB up to 4,096 inputs. Whole tiles of rows.
    private static let rowsPerPass = 128

    /// Rows that a kernel table may interleave.
    private static let tileLength = Int(NUTHATCH_TILE_LENGTH)

    /// Panels of a part that a worker takes: with a pass of 576 inputs some 30 microseconds of work, so that taking it
    /// costs nothing and the last part's end is not waited for long.
    private static let panelsPerPart = 4

    /// outputs[i] = input x matrices[i]^T, all in one phase; `input` is quantised once where the panels hold codes.
    /// `scratch` is the program's shared scratch for quantised activations. May contain barriers of its own; none
    /// may be relied on.
    package func multiply(
        _ input: Rows, by matrices: [PackedMatrix], into outputs: [Rows], scratch: QuantizedRows,
        on worker: Worker
    ) {
        precondition(matrices.count == outputs.count, "one output per matrix")
        var holdsCodes = false
        var panelCount = 0
        for matrix in matrices {
            holdsCodes = holdsCodes || matrix.layout.holdsCodes
            panelCount += matrix.panelCount
        }
        let blocks = holdsCodes ? quantize(input, scratch: scratch, on: worker) : nil
        forEachPart(rowCount: input.rowCount, panelCount: panelCount, on: worker) { rows, panels in
            var first = 0
            for (index, matrix) in matrices.enumerated() {
                let own = panels.clamped(to: first..<first + matrix.panelCount)
                multiply(
                    input, rows, blocks: blocks, by: matrix,
                    panels: own.lowerBound - first..<own.upperBound - first,
                    into: outputs[index])
                first += matrix.panelCount
            }
        }
    }

    /// output = input x matrix^T; see the call with several.
    package func multiply(
        _ input: Rows, by matrix: PackedMatrix, into output: Rows, scratch: QuantizedRows, on worker: Worker
    ) {
        let blocks = matrix.layout.holdsCodes ? quantize(input, scratch: scratch, on: worker) : nil
        forEachPart(rowCount: input.rowCount, panelCount: matrix.panelCount, on: worker) { rows, panels in
            multiply(input, rows, blocks: blocks, by: matrix, panels: panels, into: output)
        }
    }

    /// Calls `body` with this worker's parts of a multiplication: its share where rows are few, else what it takes. No
    /// barrier follows, and behind such a multiplication has to be one before the next.
    private func forEachPart(
        rowCount: Int, panelCount: Int, on worker: Worker, _ body: (Range<Int>, Range<Int>) -> Void
    ) {
        guard rowCount >= Self.tileLength else {
            let panels = worker.share(of: panelCount)
            for row in stride(from: 0, to: rowCount, by: Self.rowsPerPass) {
                body(row..<min(row + Self.rowsPerPass, rowCount), panels)
            }
            return
        }
        let groupCount = (panelCount + Self.panelsPerPart - 1) / Self.panelsPerPart
        let passCount = (rowCount + Self.rowsPerPass - 1) / Self.rowsPerPass
        while true {
            let part = worker.take()
            guard part < groupCount * passCount else { return }
            let row = part / groupCount * Self.rowsPerPass
            let panel = part % groupCount * Self.panelsPerPart
            body(
                row..<min(row + Self.rowsPerPass, rowCount),
                panel..<min(panel + Self.panelsPerPart, panelCount))
        }
    }

    /// Quantises all rows, where every worker will find them.
    private func quantize(
        _ input: Rows, scratch: QuantizedRows, on worker: Worker
    ) -> UnsafeMutablePointer<nuthatch_activation_block> {
        let blockCount = QuantizedRows.blockCount(columnCount: input.columnCount)
        let byteCount = QuantizedRows.byteCount(rowCount: input.rowCount, columnCount: input.columnCount)
        if input.rowCount <= Self.privateRowCount || worker.count == 1, byteCount <= worker.scratch.count,
            let base = worker.scratch.baseAddress
        {
            let blocks = base.assumingMemoryBound(to: nuthatch_activation_block.self)
            kernels.functions.pointee.quantize_rows(
                input.base, input.stride, input.rowCount, input.columnCount, blocks)
            return blocks
        }
        precondition(
            input.rowCount <= scratch.maximumRowCount && input.columnCount <= scratch.maximumColumnCount,
            "the scratch for quantised activations covers every multiplication")
        // Others may still be reading what an earlier multiplication left here.
        worker.barrier()
        // Tables may interleave the rows of a tile, and no tile has two writers.
        let own = worker.share(
            of: input.rowCount, grain: input.rowCount < Self.tileLength ? 1 : Self.tileLength)
        kernels.functions.pointee.quantize_rows(
            input[own.lowerBound], input.stride, own.count, input.columnCount,
            scratch.blocks + own.lowerBound * blockCount)
        worker.barrier()
        return scratch.blocks
    }

    private func multiply(
        _ input: Rows, _ rows: Range<Int>, blocks: UnsafeMutablePointer<nuthatch_activation_block>?,
        by matrix: PackedMatrix, panels: Range<Int>, into output: Rows
    ) {
        precondition(
            input.columnCount == matrix.inputCount && output.columnCount >= matrix.outputCount
                && output.rowCount >= input.rowCount,
            "rows fit the matrix")
        if panels.isEmpty { return }
        var weights = matrix.panels
        let target = output[rows.lowerBound]
        if matrix.layout.holdsCodes, let blocks {
            let blockCount = QuantizedRows.blockCount(columnCount: input.columnCount)
            kernels.functions.pointee.multiply_codes(
                &weights, panels.lowerBound, panels.count, blocks + rows.lowerBound * blockCount, rows.count,
                target,
                output.stride)
        } else {
            kernels.functions.pointee.multiply_floats(
                &weights, panels.lowerBound, panels.count, input[rows.lowerBound], input.stride, rows.count,
                target,
                output.stride)
        }
    }
}
