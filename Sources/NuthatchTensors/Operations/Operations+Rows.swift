import CNuthatchKernels

extension Operations {
    /// output = input / rms(input) * (weight + weightOffset), row by row (arXiv:1910.07467).
    package func rmsNorm(
        _ input: Rows, weight: UnsafePointer<Float>, weightOffset: Float, epsilon: Float, into output: Rows,
        on worker: Worker
    ) {
        for row in worker.share(of: input.rowCount) {
            kernels.functions.pointee.rms_norm(
                input[row], weight, weightOffset, epsilon, input.columnCount, output[row])
        }
    }

    /// output = (input - mean) / sqrt(variance + epsilon) * weight + bias, row by row (arXiv:1607.06450).
    package func layerNorm(
        _ input: Rows, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, epsilon: Float,
        into output: Rows, on worker: Worker
    ) {
        for row in worker.share(of: input.rowCount) {
            kernels.functions.pointee.layer_norm(
                input[row], weight, bias, epsilon, input.columnCount, output[row])
        }
    }

    /// Rotates pairs of the first `cosines.columnCount * 2` elements of each head of each row, in place.
    /// Row r uses cosines[r], sines[r] ([rowCount, rotaryDimension / 2]); `pairing` says which elements pair.
    package func rotate(
        _ rows: Rows, headCount: Int, headDimension: Int, cosines: Rows, sines: Rows, pairing: RotaryPairing,
        on worker: Worker
    ) {
        let (ownRows, ownHeads) = worker.share(ofRows: rows.rowCount, orColumns: headCount, grain: 1)
        for row in ownRows {
            let heads = rows[row] + ownHeads.lowerBound * headDimension
            switch pairing {
            case .halves:
                kernels.functions.pointee.rotate_halves(
                    heads, ownHeads.count, headDimension, cosines[row], sines[row], cosines.columnCount)
            case .neighbours:
                kernels.functions.pointee.rotate_neighbours(
                    heads, ownHeads.count, headDimension, cosines[row], sines[row], cosines.columnCount)
            }
        }
    }

    /// output = activation(gate) * up; `up` nil leaves the product out.
    package func activate(
        _ gate: Rows, times up: Rows?, activation: Activation, into output: Rows, on worker: Worker
    ) {
        forOwnElements(of: gate, on: worker) { row, columns in
            kernels.functions.pointee.activate(
                gate[row] + columns.lowerBound, up.map { UnsafePointer($0[row] + columns.lowerBound) },
                activation.kind,
                columns.count, output[row] + columns.lowerBound)
        }
    }

    /// target += addend.
    package func add(_ addend: Rows, to target: Rows, on worker: Worker) {
        forOwnElements(of: target, on: worker) { row, columns in
            kernels.functions.pointee.add(
                addend[row] + columns.lowerBound, columns.count, target[row] + columns.lowerBound)
        }
    }

    /// Adds one bias to every row.
    package func add(bias: UnsafePointer<Float>, to target: Rows, on worker: Worker) {
        forOwnElements(of: target, on: worker) { row, columns in
            kernels.functions.pointee.add(
                bias + columns.lowerBound, columns.count, target[row] + columns.lowerBound)
        }
    }

    /// target = target * factor.
    package func scale(_ target: Rows, by factor: Float, on worker: Worker) {
        forOwnElements(of: target, on: worker) { row, columns in
            kernels.functions.pointee.scale(factor, columns.count, target[row] + columns.lowerBound)
        }
    }

    /// target = cap * tanh(target / cap).
    package func softcap(_ target: Rows, cap: Float, on worker: Worker) {
        forOwnElements(of: target, on: worker) { row, columns in
            kernels.functions.pointee.softcap(cap, columns.count, target[row] + columns.lowerBound)
        }
    }

    private func forOwnElements(of rows: Rows, on worker: Worker, _ body: (Int, Range<Int>) -> Void) {
        let (ownRows, ownColumns) = worker.share(
            ofRows: rows.rowCount, orColumns: rows.columnCount, grain: Self.columnGrain)
        if ownColumns.isEmpty { return }
        for row in ownRows { body(row, ownColumns) }
    }

    /// Floats of one cache line: no two workers write to the same.
    private static let columnGrain = 16
}

extension Worker {
    /// A share of the rows, or of every row's columns where there are fewer rows than workers. For work whose
    /// elements do not depend on one another, so that the cut can't be seen in the result.
    package func share(ofRows rowCount: Int, orColumns columnCount: Int, grain: Int) -> (
        Range<Int>, Range<Int>
    ) {
        if rowCount >= count { return (share(of: rowCount), 0..<columnCount) }
        return (0..<rowCount, share(of: columnCount, grain: grain))
    }
}
