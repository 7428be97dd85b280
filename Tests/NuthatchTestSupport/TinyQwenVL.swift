import Foundation

/// A small Qwen2-VL whose numbers mean nothing, with a tokenizer of bytes and a chat template that has places for images:
/// for tests of what happens around a model.
package struct TinyQwenVL {
    package static let specialTokens = [
        "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
    ]
    package static let imageToken = TinyTokenizer.beginning + 5
    /// An image's side becomes a token for so many pixels.
    package static let unit = 8

    /// What Qwen2-VL's own template does, without counting images.
    private static let template = """
        {% for message in messages %}<|im_start|>{{ message['role'] }}
        {% if message['content'] is string %}{{ message['content'] }}<|im_end|>
        {% else %}{% for content in message['content'] %}{% if content['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>
        {% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
        {% endif %}
        """

    private let hiddenSize = 16
    private let towerSize = 16
    private let vocabularySize = TinyTokenizer.vocabularySize + Self.specialTokens.count
    package let maxPositions: Int

    package init(maxPositions: Int = 256) {
        self.maxPositions = maxPositions
    }

    private var config: [String: Any] {
        [
            "architectures": ["Qwen2VLForConditionalGeneration"], "hidden_size": hiddenSize,
            "intermediate_size": 24, "num_attention_heads": 2, "num_key_value_heads": 1,
            "num_hidden_layers": 1,
            "vocab_size": vocabularySize, "max_position_embeddings": maxPositions, "rms_norm_eps": 1e-5,
            "hidden_act": "silu", "tie_word_embeddings": false, "rope_theta": 1000.0,
            "rope_scaling": ["type": "mrope", "mrope_section": [1, 2, 1]] as [String: Any],
            "image_token_id": Self.imageToken,
            "vision_config": [
                "depth": 1, "embed_dim": towerSize, "num_heads": 2, "mlp_ratio": 2, "patch_size": 4,
                "hidden_size": hiddenSize,
            ] as [String: Any],
        ]
    }

    private var tensors: [(name: String, shape: [Int])] {
        let (width, tower) = (hiddenSize, towerSize)
        let layer = "model.layers.0."
        let block = "visual.blocks.0."
        return [
            ("model.embed_tokens.weight", [vocabularySize, width]), ("model.norm.weight", [width]),
            ("lm_head.weight", [vocabularySize, width]),
            (layer + "input_layernorm.weight", [width]), (layer + "post_attention_layernorm.weight", [width]),
            (layer + "self_attn.q_proj.weight", [width, width]), (layer + "self_attn.q_proj.bias", [width]),
            (layer + "self_attn.k_proj.weight", [8, width]), (layer + "self_attn.k_proj.bias", [8]),
            (layer + "self_attn.v_proj.weight", [8, width]), (layer + "self_attn.v_proj.bias", [8]),
            (layer + "self_attn.o_proj.weight", [width, width]),
            (layer + "mlp.gate_proj.weight", [24, width]),
            (layer + "mlp.up_proj.weight", [24, width]), (layer + "mlp.down_proj.weight", [width, 24]),
            ("visual.patch_embed.proj.weight", [tower, 3, 2, 4, 4]),
            (block + "norm1.weight", [tower]), (block + "norm1.bias", [tower]),
            (block + "norm2.weight", [tower]), (block + "norm2.bias", [tower]),
            (block + "attn.qkv.weight", [3 * tower, tower]), (block + "attn.qkv.bias", [3 * tower]),
            (block + "attn.proj.weight", [tower, tower]), (block + "attn.proj.bias", [tower]),
            (block + "mlp.fc1.weight", [2 * tower, tower]), (block + "mlp.fc1.bias", [2 * tower]),
            (block + "mlp.fc2.weight", [tower, 2 * tower]), (block + "mlp.fc2.bias", [tower]),
            ("visual.merger.ln_q.weight", [tower]), ("visual.merger.ln_q.bias", [tower]),
            ("visual.merger.mlp.0.weight", [4 * tower, 4 * tower]), ("visual.merger.mlp.0.bias", [4 * tower]),
            ("visual.merger.mlp.2.weight", [width, 4 * tower]), ("visual.merger.mlp.2.bias", [width]),
        ]
    }

    package func write() throws -> TemporaryDirectory {
        var generator = SeededGenerator(seed: 3)
        var writer = SafetensorsWriter()
        for tensor in tensors {
            let fan = Float(tensor.shape.dropFirst().reduce(1, *))
            writer.add(
                tensor.name, shape: tensor.shape,
                (0..<tensor.shape.reduce(1, *)).map { _ in 1.5 * generator.normal() / fan.squareRoot() })
        }
        let directory = try TemporaryDirectory()
        func json(_ object: [String: Any], as name: String) throws {
            try directory.write(Array(try JSONSerialization.data(withJSONObject: object)), as: name)
        }
        try TinyTokenizer.write(to: directory, special: Self.specialTokens)
        try json(config, as: "config.json")
        try json(["eos_token_id": TinyTokenizer.beginning + 2], as: "generation_config.json")
        try json(
            [
                "patch_size": 4, "merge_size": 2, "temporal_patch_size": 2, "min_pixels": 64,
                "max_pixels": 4096, "image_processor_type": "Qwen2VLImageProcessor",
            ], as: "preprocessor_config.json")
        try directory.write(Array(Self.template.utf8), as: "chat_template.jinja")
        try directory.write(try writer.bytes(), as: "model.safetensors")
        return directory
    }
}
