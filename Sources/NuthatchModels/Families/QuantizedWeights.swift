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
                    file: config.file, place: .field(prefix + key),
                    method: method(stated, of: key, checkpoint))
            }
        }
        guard let (tensor, method) = form(of: checkpoint) else { return }
        throw .quantizedWeights(
            file: checkpoint.path, place: .tensor(tensor), method: "part of codes of \(method)")
    }

    /// "awq with 4 bits".
    private static func method(_ stated: JSONField, of key: String, _ checkpoint: Checkpoint) -> String {
        func string(_ key: String) -> String? {
            stated[key]?.value.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        func bits(_ keys: [String]) -> Int? { keys.lazy.compactMap { stated[$0]?.value.integer }.first }
        func isSet(_ key: String) -> Bool { stated[key]?.value.bool == true }
        let hasBits = bits(["bits", "w_bit", "nbits", "num_bits"])
        let bitCount = isSet("load_in_4bit") ? 4 : isSet("load_in_8bit") ? 8 : hasBits
        let isBitsAndBytes = isSet("load_in_4bit") || isSet("load_in_8bit")
        let isMLX = key == "quantization" && stated["group_size"] != nil && hasBits != nil
        let name =
            string("quant_method") ?? string("quant_algo")
            ?? (isBitsAndBytes ? "bitsandbytes" : form(of: checkpoint)?.method)
            ?? (isMLX ? "MLX" : "a method that has no name there")
        return CheckpointError.listed([name]) + (bitCount.map { " with \($0) bits" } ?? "")
    }

    /// The method that tensors are named by, and one that says so.
    private static func form(of checkpoint: Checkpoint) -> (tensor: String, method: String)? {
        let tensors = checkpoint.tensors
        for (ending, method) in forms {
            guard let tensor = tensors.first(where: { $0.name.hasSuffix(ending) }) else { continue }
            return (tensor.name, method)
        }
        let scale = ".weight_scale"
        guard let tensor = tensors.first(where: { $0.name.hasSuffix(scale) }) else { return nil }
        let format =
            checkpoint.tensor(named: "\(tensor.name.dropLast(scale.count)).weight")?.format.name ?? ""
        return (
            tensor.name,
            format.hasPrefix("F8") ? "FP8" : format == "U8" ? "BitNet" : "FP8 or compressed-tensors"
        )
    }

    /// What names of tensors end with in each method's files; the names that methods share come last.
    private static let forms: [(ending: String, method: String)] = [
        (".qweight", "GPTQ or AWQ"), (".qzeros", "GPTQ or AWQ"), (".weight_packed", "compressed-tensors"),
        (".absmax", "bitsandbytes"), (".SCB", "bitsandbytes"), (".weight_scale_inv", "FP8"),
        (".weight_scale_2", "NVFP4"), (".W_q", "HQQ"), (".codebooks", "AQLM"), (".codes", "AQLM"),
        ("_proj_blocks", "MXFP4"), (".weight_blocks", "MXFP4"), (".weight._data", "Quanto"),
        (".weight_qdata", "torchao"), (".weight_scales", "EETQ"), (".biases", "MLX"), (".scales", "MLX"),
    ]
}
