/// What a kind of file calls a decoder's tensors.
package struct WeightNames: Sendable {
    package var embedding: String
    package var finalNorm: String
    package var output: String
    /// Before a layer's number.
    package var layerPrefix: String
    package var parts: [LayerPart: String]
    /// Endings of tensors that may be there and have no part in the decoder's arithmetic, or have had theirs in
    /// reading the header.
    package var ignoredEndings: [String]

    /// The name of a place's tensor.
    package func name(_ place: TensorPlace, _ kind: TensorKind) -> String {
        switch place {
        case .embedding: "\(embedding).\(kind.rawValue)"
        case .finalNorm: "\(finalNorm).\(kind.rawValue)"
        case .output: "\(output).\(kind.rawValue)"
        case .layer(let layer, let part):
            "\(layerPrefix)\(layer).\(parts[part] ?? part.rawValue).\(kind.rawValue)"
        }
    }

    /// The same names but for some parts.
    func replacing(_ replacements: [LayerPart: String]) -> WeightNames {
        var names = self
        names.parts.merge(replacements) { _, new in new }
        return names
    }

    /// The names of transformers' Llama and of all that were modelled on it.
    package static let huggingFace = WeightNames(
        embedding: "model.embed_tokens", finalNorm: "model.norm", output: "lm_head",
        layerPrefix: "model.layers.",
        parts: [
            .attentionNorm: "input_layernorm",
            .query: "self_attn.q_proj",
            .key: "self_attn.k_proj",
            .value: "self_attn.v_proj",
            .queryNorm: "self_attn.q_norm",
            .keyNorm: "self_attn.k_norm",
            .attentionOutput: "self_attn.o_proj",
            .feedForwardNorm: "post_attention_layernorm",
            .gate: "mlp.gate_proj",
            .up: "mlp.up_proj",
            .down: "mlp.down_proj",
        ],
        // Frequencies that transformers once saved; an output matrix saved beside the embedding it is tied to.
        ignoredEndings: ["rotary_emb.inv_freq", "lm_head.weight"])

    /// The names of the GGUF specification.
    package static let gguf = WeightNames(
        embedding: "token_embd", finalNorm: "output_norm", output: "output", layerPrefix: "blk.",
        parts: [
            .attentionNorm: "attn_norm",
            .query: "attn_q",
            .key: "attn_k",
            .value: "attn_v",
            .queryNorm: "attn_q_norm",
            .keyNorm: "attn_k_norm",
            .attentionOutput: "attn_output",
            .attentionPostNorm: "post_attention_norm",
            .feedForwardNorm: "ffn_norm",
            .gate: "ffn_gate",
            .up: "ffn_up",
            .down: "ffn_down",
            .feedForwardPostNorm: "post_ffw_norm",
        ],
        ignoredEndings: ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"])
}
