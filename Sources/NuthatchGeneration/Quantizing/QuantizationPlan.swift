package import NuthatchTensors

/// Which tensor is stored as what: decided from names and shapes, before anything is read.
///
/// - Norms, biases and whatever else is no matrix of weights stay numbers of 32 bits: together they are under a
///   thousandth of a model, and every activation passes through them. So do learned positions and the routers of
///   experts, as in llama.cpp's files.
/// - The output matrix (or the embedding that serves as one) is stored in 6 bits where the type has fewer: its error
///   goes into the logits undamped.
/// - `q4_k` is what llama.cpp calls Q4_K_M: values and the second feed-forward matrix of half the layers, the first and
///   last eighth and every third between, in 6 bits.
/// - A row that is no whole number of blocks takes the next wider format whose blocks fit, and is reported.
package struct QuantizationPlan: Sendable, Equatable {
    package struct Tensor: Sendable, Equatable {
        package let name: String
        package let shape: [Int]
        package let format: ElementFormat
        /// The format that its rows did not fit.
        package let refused: ElementFormat?
    }

    package let tensors: [Tensor]

    /// - Parameter tensors: names of GGUF, shapes with the outermost dimension first, and how they are stored now.
    package init(
        _ tensors: [(name: String, shape: [Int], stored: ElementFormat?)], type: QuantizationType,
        isPure: Bool = false
    ) {
        let rule = Rule(
            type: type, isPure: isPure, hasOutput: tensors.contains { $0.name == "output.weight" },
            layerCount: 1 + (tensors.compactMap { Rule.layer($0.name) }.max() ?? -1))
        self.tensors = tensors.map { name, shape, stored in
            guard Rule.isMatrix(name, shape) else {
                // What is in blocks already can't be had in more bits.
                let kept = stored.flatMap { $0.blockLength > 1 ? $0 : nil }
                return Tensor(name: name, shape: shape, format: kept ?? .f32, refused: nil)
            }
            let wanted = rule.format(name)
            let format = Self.fitting(wanted, rowLength: shape.last ?? 1)
            return Tensor(
                name: name, shape: shape, format: format, refused: format == wanted ? nil : wanted)
        }
    }

    /// The format, or the next wider one whose blocks make up a row.
    private static func fitting(_ format: ElementFormat, rowLength: Int) -> ElementFormat {
        guard rowLength % format.blockLength != 0 else { return format }
        return switch format {
        case .q4K: fitting(.q5_0, rowLength: rowLength)
        case .q6K: fitting(.q8_0, rowLength: rowLength)
        default: .f16
        }
    }
}

private struct Rule {
    let type: QuantizationType
    let isPure: Bool
    let hasOutput: Bool
    let layerCount: Int

    /// Endings of matrices that are not multiplied like others, or are too small to matter.
    private static let plainEndings = [
        "norm.weight", "norm_2.weight", "position_embd.weight", "token_types.weight", "ffn_gate_inp.weight",
        "ssm_conv1d.weight", "attn_rel_b.weight",
    ]

    static func isMatrix(_ name: String, _ shape: [Int]) -> Bool {
        shape.count > 1 && name.hasSuffix(".weight") && !plainEndings.contains(where: name.hasSuffix)
    }

    /// N of "blk.N.".
    static func layer(_ name: String) -> Int? {
        let parts = name.split(separator: ".")
        return parts.count > 2 && parts[0] == "blk" ? Int(parts[1]) : nil
    }

    func format(_ name: String) -> ElementFormat {
        guard !isPure else { return type.format }
        switch type {
        case .f32, .f16, .bf16, .q8_0, .q6_k: return type.format
        case .q4_0, .q4_1: return isOutput(name) ? .q6K : type.format
        case .q4_k:
            let isSensitive = name.hasSuffix(".attn_v.weight") || name.hasSuffix(".ffn_down.weight")
            return isOutput(name) || isSensitive && hasMoreBits(name) ? .q6K : .q4K
        }
    }

    private func isOutput(_ name: String) -> Bool {
        name == "output.weight" || !hasOutput && name == "token_embd.weight"
    }

    private func hasMoreBits(_ name: String) -> Bool {
        guard let layer = Self.layer(name) else { return false }
        let eighth = layerCount / 8
        return layer < eighth || layer >= 7 * layerCount / 8 || (layer - eighth) % 3 == 2
    }
}
