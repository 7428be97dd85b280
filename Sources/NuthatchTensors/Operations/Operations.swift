// The calls a decoder makes on rows of activations. Each is run by all workers of a program; each worker does
// its share; none ends with a barrier: the caller places barriers where the next operation reads what other
// workers wrote. Every call's result for a row depends on that row alone.

/// The operations, bound to the kernel table chosen for this machine.
package struct Operations: Sendable {
    // let kernels: KernelTable

    /// outputs[i] = input x matrices[i]^T, all in one phase; `input` is quantised once where the panels hold codes.
    /// `scratch` is the program's shared scratch for quantised activations. Contains its own barriers.
    package func multiply(
        _ input: Rows, by matrices: [PackedMatrix], into outputs: [Rows], scratch: QuantizedRows,
        on worker: Worker
    ) { fatalError("not built yet") }

    /// output = input / rms(input) * (weight + weightOffset), row by row (arXiv:1910.07467).
    package func rmsNorm(
        _ input: Rows, weight: UnsafePointer<Float>, weightOffset: Float, epsilon: Float, into output: Rows,
        on worker: Worker
    ) { fatalError("not built yet") }

    /// output = (input - mean) / sqrt(variance + epsilon) * weight + bias, row by row (arXiv:1607.06450).
    package func layerNorm(
        _ input: Rows, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, epsilon: Float,
        into output: Rows, on worker: Worker
    ) { fatalError("not built yet") }

    /// Rotates pairs of the first `cosines.columnCount * 2` elements of each head of each row, in place.
    /// Row r uses cosines[r], sines[r] ([rowCount, rotaryDimension / 2]); `pairing` says which elements pair.
    package func rotate(
        _ rows: Rows, headCount: Int, headDimension: Int, cosines: Rows, sines: Rows, pairing: RotaryPairing,
        on worker: Worker
    ) { fatalError("not built yet") }

    /// output = activation(gate) * up; `up` nil leaves the product out.
    package func activate(
        _ gate: Rows, times up: Rows?, activation: Activation, into output: Rows, on worker: Worker
    ) { fatalError("not built yet") }

    /// target += addend.
    package func add(_ addend: Rows, to target: Rows, on worker: Worker) { fatalError("not built yet") }

    /// Adds one bias to every row.
    package func add(bias: UnsafePointer<Float>, to target: Rows, on worker: Worker) { fatalError("not built yet") }

    /// target = target * factor.
    package func scale(_ target: Rows, by factor: Float, on worker: Worker) { fatalError("not built yet") }

    /// target = cap * tanh(target / cap).
    package func softcap(_ target: Rows, cap: Float, on worker: Worker) { fatalError("not built yet") }
}

/// Which two elements of a head a rotary embedding turns together.
package enum RotaryPairing: Sendable {
    /// i with i + rotaryDimension / 2 (GPT-NeoX, Hugging Face).
    case halves
    /// 2 i with 2 i + 1 (GPT-J; the row order of Llama in GGUF files).
    case neighbours
}

/// A feed-forward activation.
package enum Activation: String, Sendable {
    case silu
    case geluTanh
    case geluErf
    case relu
}

/// Shared scratch for activations quantised to 8 bits per 32 inputs.
package final class QuantizedRows: Sendable {
    package init(maximumRowCount: Int, maximumColumnCount: Int) throws(TensorError) { fatalError("not built yet") }
}
