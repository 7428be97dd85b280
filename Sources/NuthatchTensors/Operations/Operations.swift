// The calls a decoder makes on rows of activations. Each is run by all workers of a program; each worker does
// its share; none ends with a barrier: the caller places barriers where the next operation reads what other
// workers wrote. Every call's result for a row depends on that row alone.

/// The operations, bound to the kernel table chosen for this machine.
package struct Operations: Sendable {
    package let kernels: KernelTable

    package init(kernels: KernelTable = .best) {
        self.kernels = kernels
    }
}

/// Which two elements of a head a rotary embedding turns together.
package enum RotaryPairing: Sendable {
    /// i with i + rotaryDimension / 2 (GPT-NeoX, Hugging Face).
    case halves
    /// 2 i with 2 i + 1 (GPT-J; the row order of Llama in GGUF files).
    case neighbours
}

/// A feed-forward activation.
package enum Activation: String, Sendable, CaseIterable {
    case silu
    case geluTanh
    case geluErf
    case relu
    /// x times the logistic function of 1.702 x (arXiv:1606.08415, section 2; OpenAI's "quick GELU").
    case geluLogistic
}
