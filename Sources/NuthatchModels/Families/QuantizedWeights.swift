import NuthatchCheckpoints

/// Directories whose weights are codes: told by config.json or, where that says nothing, by what tensors are called.
enum QuantizedWeights {
    /// - Throws: `ModelError.quantizedWeights` naming the field, or the tensor, and the method.
    static func refuse(in directory: HuggingFaceDirectory, _ checkpoint: Checkpoint) throws(ModelError) {
        let config = directory.config
        for (field, prefix) in [(config, ""), (config["text_config"], "text_config.")] {
            for key in ["quantization_config", "quantization", "compression_config"] {
                guard let stated = field?[key], stated.value.object?.isEmpty == false else { continue }
                throw .quantizedWeights(
                    file: config.file, field: prefix + key, method: method(stated, of: key))
            }
        }
        for tensor in checkpoint.tensors {
            guard let form = forms.first(where: { tensor.name.hasSuffix($0.ending) }) else { continue }
            throw .quantizedWeights(
                file: checkpoint.path, field: "tensor \(CheckpointError.listed([tensor.name]))",
                method: "part of codes of \(form.method)")
        }
    }

    /// "awq with 4 bits".
    private static func method(_ stated: JSONField, of key: String) -> String {
        func string(_ key: String) -> String? { stated[key]?.value.string }
        func bits(_ keys: [String]) -> Int? { keys.lazy.compactMap { stated[$0]?.value.integer }.first }
        func isSet(_ key: String) -> Bool { stated[key]?.value.bool == true }
        let hasBits = bits(["bits", "w_bit", "nbits", "num_bits"])
        let bitCount = isSet("load_in_4bit") ? 4 : isSet("load_in_8bit") ? 8 : hasBits
        let isMLX = stated["group_size"] != nil && hasBits != nil
        let name =
            string("quant_method") ?? string("quant_algo")
            ?? (isSet("load_in_4bit") || isSet("load_in_8bit")
                ? "bitsandbytes" : isMLX ? "MLX's form" : "a method that has no name there")
        return CheckpointError.listed([name]) + (bitCount.map { " with \($0) bits" } ?? "")
    }

    /// What names of tensors end with in each method's files.
    private static let forms: [(ending: String, method: String)] = [
        (".qweight", "GPTQ or AWQ"), (".qzeros", "GPTQ or AWQ"), (".weight_packed", "compressed-tensors"),
        (".absmax", "bitsandbytes"), (".SCB", "bitsandbytes"), (".weight_scale_inv", "FP8"),
        (".weight_scale", "FP8 or compressed-tensors"), (".weight_scale_2", "NVFP4"), (".W_q", "HQQ"),
        ("_proj_blocks", "MXFP4"), (".weight_qdata", "torchao"), (".biases", "MLX"),
    ]
}
