import Foundation

/// A small Llama whose numbers mean nothing: for tests of headers, of options, and of what is measured on a model.
package struct TinyLlama {
    package var architecture = "LlamaForCausalLM"
    package var tensors: [(name: String, shape: [Int])] = []
    package var headDimension: Int
    package var maxPositions: Int
    package let layerCount: Int
    package let vocabularySize: Int

    package init(
        headDimension: Int = 8, maxPositions: Int = 64, layerCount: Int = 1, vocabularySize: Int = 16
    ) {
        self.headDimension = headDimension
        self.maxPositions = maxPositions
        self.layerCount = layerCount
        self.vocabularySize = vocabularySize
        let width = 2 * headDimension
        tensors = [
            ("model.embed_tokens.weight", [vocabularySize, width]), ("model.norm.weight", [width]),
            ("lm_head.weight", [vocabularySize, width]),
        ]
        for index in 0..<layerCount {
            let layer = "model.layers.\(index)."
            tensors += [
                (layer + "input_layernorm.weight", [width]),
                (layer + "post_attention_layernorm.weight", [width]),
                (layer + "self_attn.q_proj.weight", [width, width]),
                (layer + "self_attn.k_proj.weight", [headDimension, width]),
                (layer + "self_attn.v_proj.weight", [headDimension, width]),
                (layer + "self_attn.o_proj.weight", [width, width]),
                (layer + "mlp.gate_proj.weight", [24, width]),
                (layer + "mlp.up_proj.weight", [24, width]), (layer + "mlp.down_proj.weight", [width, 24]),
            ]
        }
    }

    package var config: [String: Any] {
        [
            "architectures": [architecture], "hidden_size": 2 * headDimension, "intermediate_size": 24,
            "num_attention_heads": 2, "num_key_value_heads": 1, "num_hidden_layers": layerCount,
            "vocab_size": vocabularySize, "max_position_embeddings": maxPositions, "rms_norm_eps": 1e-5,
            "hidden_act": "silu",
        ]
    }

    /// Writes it, with a changed configuration.
    package func write(_ change: (inout [String: Any]) throws -> Void = { _ in }) throws -> TemporaryDirectory
    {
        var config = config
        try change(&config)
        return try write(config: Array(try JSONSerialization.data(withJSONObject: config)))
    }

    package func write(config: [UInt8]) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write(config, as: "config.json")
        try directory.write(try weights(), as: "model.safetensors")
        return directory
    }

    /// The model's weights, those of tensors whose names hold a part larger by a factor.
    package func weights(scaling part: String = "", by factor: Float = 1) throws -> [UInt8] {
        var generator = SeededGenerator(seed: 1)
        var writer = SafetensorsWriter()
        for tensor in tensors {
            let scale = tensor.name.contains(part) ? factor : 1
            writer.add(
                tensor.name, shape: tensor.shape,
                (0..<tensor.shape.reduce(1, *)).map { _ in scale * generator.normal() })
        }
        return try writer.bytes()
    }
}
