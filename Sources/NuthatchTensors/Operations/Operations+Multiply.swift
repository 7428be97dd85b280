import CNuthatchKernels

extension Operations {
    /// Up to so many rows every worker quantises for itself instead of meeting the others: quantising a row of 576
    /// takes about as long as one meeting of two threads.
    private static let privateRowCount = 4

    /// Rows that pass a panel before the next panel: their quantised blocks (2 bytes per input) stay in a
    /// second-level cache of 1 MiB up to 4,096 inputs. Whole tiles of rows.
    static let rowsPerPass = 128

    /// How often so many rows pass a matrix.
    package static func passCount(rowCount: Int) -> Int { (rowCount + rowsPerPass - 1) / rowsPerPass }

    /// Rows that a kernel table may interleave.
    static let tileLength = Int(NUTHATCH_TILE_LENGTH)

    /// Panels of a part that a worker takes: with a pass of 576 inputs some 30 microseconds of work, so that taking it
    /// costs nothing and the last part's end is not waited for long.
    static let panelsPerPart = 4

    /// outputs[i] = input x matrices[i]^T, all in one phase; `input` is quantised once where the panels hold codes.
    /// `scratch` is the program's shared scratch for quantised activations. May contain a barrier of its own, which
    /// may not be relied on; behind it has to be one before the next multiplication.
    ///
    /// - Parameters:
    ///   - isQuantized: whether `quantize` has left all of `input` in `scratch`, with a barrier since.
    ///   - upcoming: what this worker multiplies next, as far as it is known.
    package func multiply(
        _ input: Rows, isQuantized: Bool = false, by matrices: [PackedMatrix], into outputs: [Rows],
        before upcoming: PrefetchHint? = nil, scratch: QuantizedRows, on worker: Worker
    ) {
        precondition(matrices.count == outputs.count, "one output per matrix")
        let blocks = blocks(of: input, isQuantized, for: matrices, scratch: scratch, on: worker)
        let panelCount = matrices.reduce(0) { $0 + $1.panelCount }
        forEachPart(rowCount: input.rowCount, panelCount: panelCount, on: worker) { rows, panels in
            multiply(
                input, rows, blocks: blocks, by: matrices, panels: panels, into: outputs, before: upcoming,
                on: worker)
        }
    }

    /// output = input x matrix^T; see the call with several.
    package func multiply(
        _ input: Rows, isQuantized: Bool = false, by matrix: PackedMatrix, into output: Rows,
        before upcoming: PrefetchHint? = nil, scratch: QuantizedRows, on worker: Worker
    ) {
        let blocks =
            matrix.layout.holdsCodes
            ? blocks(of: input, isQuantized, scratch: scratch, on: worker) : nil
        forEachPart(rowCount: input.rowCount, panelCount: matrix.panelCount, on: worker) { rows, panels in
            multiply(
                input, rows, blocks: blocks, by: matrix, panels: panels, into: output, before: upcoming,
                on: worker)
        }
    }

    /// Quantises some rows where every worker will find them behind a barrier. `rows` begins at a whole tile of rows
    /// (`Worker.tiledShare`).
    package func quantize(_ input: Rows, _ rows: Range<Int>, into scratch: QuantizedRows) {
        precondition(
            input.rowCount <= scratch.maximumRowCount && input.columnCount <= scratch.maximumColumnCount,
            "the scratch for quantised activations covers every multiplication")
        if rows.isEmpty { return }
        precondition(
            rows.lowerBound % Self.tileLength == 0 || input.rowCount < Self.tileLength,
            "no tile has two writers")
        let blockCount = QuantizedRows.blockCount(columnCount: input.columnCount)
        kernels.functions.pointee.quantize_rows(
            input[rows.lowerBound], input.stride, rows.count, input.columnCount,
            scratch.blocks + rows.lowerBound * blockCount)
    }

    /// The rows quantised; nil where no matrix asks for that.
    func blocks(
        of input: Rows, _ isQuantized: Bool, for matrices: [PackedMatrix], scratch: QuantizedRows,
        on worker: Worker
    ) -> UnsafeMutablePointer<nuthatch_activation_block>? {
        guard matrices.contains(where: \.layout.holdsCodes) else { return nil }
        return blocks(of: input, isQuantized, scratch: scratch, on: worker)
    }

    private func blocks(
        of input: Rows, _ isQuantized: Bool, scratch: QuantizedRows, on worker: Worker
    ) -> UnsafeMutablePointer<nuthatch_activation_block> {
        isQuantized ? scratch.blocks : quantize(input, scratch: scratch, on: worker)
    }

    /// Calls `body` with this worker's parts of a multiplication: its share where rows are few, else what it takes. No
    /// barrier follows, and behind such a multiplication has to be one before the next.
    func forEachPart(
        rowCount: Int, panelCount: Int, on worker: Worker, _ body: (Range<Int>, Range<Int>) -> Void
    ) {
        if hasFixedShares(rowCount: rowCount, worker) {
            let panels = worker.share(of: panelCount)
            for row in stride(from: 0, to: rowCount, by: Self.rowsPerPass) {
                body(row..<min(row + Self.rowsPerPass, rowCount), panels)
            }
            return
        }
        let groupCount = (panelCount + Self.panelsPerPart - 1) / Self.panelsPerPart
        let passCount = Self.passCount(rowCount: rowCount)
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

    /// Whether each worker has a share of the panels that it knows ahead: where rows are few.
    func hasFixedShares(rowCount: Int, _ worker: Worker) -> Bool {
        rowCount < Self.tileLength || worker.count == 1
    }

    /// Quantises all rows, where every worker will find them.
    private func quantize(
        _ input: Rows, scratch: QuantizedRows, on worker: Worker
    ) -> UnsafeMutablePointer<nuthatch_activation_block> {
        let byteCount = QuantizedRows.byteCount(rowCount: input.rowCount, columnCount: input.columnCount)
        if input.rowCount <= Self.privateRowCount || worker.count == 1, byteCount <= worker.scratch.count,
            let base = worker.scratch.baseAddress
        {
            let blocks = base.assumingMemoryBound(to: nuthatch_activation_block.self)
            kernels.functions.pointee.quantize_rows(
                input.base, input.stride, input.rowCount, input.columnCount, blocks)
            return blocks
        }
        quantize(input, worker.tiledShare(of: input.rowCount), into: scratch)
        worker.barrier()
        return scratch.blocks
    }

    /// Panels of several matrices, counted on from matrix to matrix.
    func multiply(
        _ input: Rows, _ rows: Range<Int>, blocks: UnsafeMutablePointer<nuthatch_activation_block>?,
        by matrices: [PackedMatrix], panels: Range<Int>, into outputs: [Rows],
        before upcoming: PrefetchHint? = nil, on worker: Worker
    ) {
        var first = 0
        for (index, matrix) in matrices.enumerated() {
            let end = first + matrix.panelCount
            let own = panels.clamped(to: first..<end)
            let later = max(panels.lowerBound, end)..<max(panels.upperBound, end)
            multiply(
                input, rows, blocks: blocks, by: matrix,
                panels: own.lowerBound - first..<own.upperBound - first, into: outputs[index],
                before: Self.firstPanels(of: matrices, in: later) ?? upcoming, on: worker)
            first = end
        }
    }

    func multiply(
        _ input: Rows, _ rows: Range<Int>, blocks: UnsafeMutablePointer<nuthatch_activation_block>?,
        by matrix: PackedMatrix, panels: Range<Int>, into output: Rows, before upcoming: PrefetchHint? = nil,
        on worker: Worker
    ) {
        precondition(
            input.columnCount == matrix.inputCount && output.columnCount >= matrix.outputCount
                && output.rowCount >= input.rowCount,
            "rows fit the matrix")
        if panels.isEmpty { return }
        worker.count(matrix, rowCount: rows.count, panels: panels)
        var weights = matrix.panels
        if let upcoming {
            weights.next = upcoming.base
            weights.next_panel_byte_count = upcoming.byteCount
            weights.next_panel_count = upcoming.count
        }
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

extension Worker {
    /// A share of the rows of a pass in whole tiles of 16, which tables may interleave, so that no tile has two writers;
    /// single rows where there is no whole tile.
    package func tiledShare(of rowCount: Int) -> Range<Int> {
        share(of: rowCount, grain: rowCount < Operations.tileLength ? 1 : Operations.tileLength)
    }

    /// Calls `body` with that share, a tile at a time, whose rows stay in the first-level cache between operations.
    package func forEachOwnTile(of rowCount: Int, _ body: (Range<Int>) -> Void) {
        let own = tiledShare(of: rowCount)
        for start in stride(from: own.lowerBound, to: own.upperBound, by: Operations.tileLength) {
            body(start..<min(start + Operations.tileLength, own.upperBound))
        }
    }
}
