package import NuthatchTensors

/// A model's files, opened and checked: what tensors there are, and what the header says.
///
/// Bytes are memory-mapped; nothing is copied until a tensor is read.
package enum Checkpoint: Sendable {
    case gguf(GGUFFile)
    case directory(HuggingFaceDirectory)
}

/// One stored tensor.
package struct TensorDescription: Sendable, Equatable {
    package let name: String
    package let format: ElementFormat
    /// Outermost dimension first, as in Hugging Face: [outputs, inputs] for a linear layer.
    package let shape: [Int]
    package let byteCount: Int
}
