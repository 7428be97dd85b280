import NuthatchCheckpoints

/// What a kind of file calls a decoder's tensors.
package struct WeightNames: Sendable {
    package var embedding: String
    package var positions = "position_embd"
    package var embeddingNorm = "embed_norm"
    package var relativeBias = "relative_bias"
    /// The whole name.
    package var logitBias = "logit_bias"
    package var embeddingProjection = "project_in"
    package var outputProjection = "project_out"
    package var finalNorm: String
    package var output: String
    /// Before a layer's number.
    package var layerPrefix: String
    package var parts: [LayerPart: String]
    /// Parts that files hold together.
    package var fused: [FusedParts] = []
    /// Parts whose matrices files hold as [inputs, outputs] (GPT-2's Conv1D).
    package var transposed: Set<LayerPart> = []
    /// What makes heads' keys and values of latents.
    package var latentExpansion = LatentExpansion.together("self_attn.kv_b_proj")
    /// Parts of experts.
    package var experts: ExpertNames?
    /// Whole names, behind the layer's prefix, of tensors that don't end in their kind.
    package var exact: [LayerPart: String] = [:]
    /// What the names begin with where the file is of a whole model, and don't where it is of one without an output
    /// matrix of its own (the base_model_prefix of transformers).
    package var basePrefix: String?
    /// Tensors that may be there and have no part in the decoder's arithmetic.
    package var redundant: [RedundantTensors] = []
    /// Tensors that are read with the header; nil where files have none.
    package var rotaryFactors: RotaryFactorNames?
    /// What the names of a vision tower's tensors begin with; they are no part of the decoder.
    package var towerPrefix: String?
    /// Layers behind the decoder's own, which guess tokens beyond the next one (multi-token prediction,
    /// arXiv:2404.19737) and are no part of it.
    package var guessingLayers = 0..<0

    /// What GGUF files call factors of rotary frequencies.
    package struct RotaryFactorNames: Sendable {
        package let divisors = "rope_freqs.weight"
        package let short = "rope_factors_short.weight"
        package let long = "rope_factors_long.weight"
    }

    /// Where files have what makes heads' keys and values of latents.
    package enum LatentExpansion: Sendable {
        /// One matrix: for each head its keys' outputs, then its values'.
        case together(String)
        /// A matrix of all heads each for keys, [heads, rank, plain], and for values, [heads, value, rank].
        case apart(keys: String, values: String)
    }

    /// What a file calls the parts of a layer's experts, behind the layer's prefix.
    package struct ExpertNames: Sendable {
        package var parts: [FeedForwardPart: String]
        /// What stands before an expert's number, and that before the part; nil where one tensor holds a part of all
        /// experts, [experts, outputs, inputs].
        package var prefix: String?

        package init(prefix: String?, _ parts: [FeedForwardPart: String]) {
            self.prefix = prefix
            self.parts = parts
        }
    }

    /// Parts of a layer in one tensor, their outputs one behind the other.
    package struct FusedParts: Sendable {
        package enum Order: Sendable {
            /// All of the first part, then all of the next.
            case byPart
            /// For each key-value head its queries, its key and its value.
            case byHead
        }

        package var name: String
        package var parts: [LayerPart]
        package var order: Order

        package init(_ name: String, _ parts: [LayerPart], _ order: Order = .byPart) {
            self.name = name
            self.parts = parts
            self.order = order
        }

        static func queryKeyValue(_ name: String, _ order: Order = .byPart) -> FusedParts {
            FusedParts(name, [.query, .key, .value], order)
        }
    }

    /// Where a place's numbers lie.
    package func source(
        _ place: TensorPlace, _ kind: TensorKind, in specification: DecoderSpecification
    ) -> TensorSource {
        switch place {
        case .embedding: TensorSource(tensor: "\(embedding).\(kind.rawValue)")
        case .positions: TensorSource(tensor: "\(positions).\(kind.rawValue)")
        case .embeddingNorm: TensorSource(tensor: "\(embeddingNorm).\(kind.rawValue)")
        case .relativeBias: TensorSource(tensor: "\(relativeBias).\(kind.rawValue)")
        case .logitBias: TensorSource(tensor: logitBias)
        case .embeddingProjection: TensorSource(tensor: "\(embeddingProjection).\(kind.rawValue)")
        case .outputProjection: TensorSource(tensor: "\(outputProjection).\(kind.rawValue)")
        case .finalNorm: TensorSource(tensor: "\(finalNorm).\(kind.rawValue)")
        case .output: TensorSource(tensor: "\(output).\(kind.rawValue)")
        case .layer(let layer, let part):
            source("\(layerPrefix)\(layer).", part, kind, specification)
        case .head(let layer, let head, let part):
            source("\(layerPrefix)\(layer).", head, part, kind, specification)
        case .expert(let layer, let expert, let part):
            source("\(layerPrefix)\(layer).", expert, part, kind, specification)
        }
    }

    private func source(
        _ prefix: String, _ part: LayerPart, _ kind: TensorKind, _ specification: DecoderSpecification
    ) -> TensorSource {
        if let name = exact[part] { return TensorSource(tensor: "\(prefix)\(name)") }
        let isTransposed = kind == .weight && transposed.contains(part)
        guard let group = fused.first(where: { $0.parts.contains(part) }) else {
            return TensorSource(
                tensor: "\(prefix)\(parts[part] ?? part.rawValue).\(kind.rawValue)",
                isTransposed: isTransposed)
        }
        return TensorSource(
            tensor: "\(prefix)\(group.name).\(kind.rawValue)",
            outputs: group.order == .byPart
                ? [specification.outputs(of: part, in: group.parts)]
                : specification.outputsByHead(of: part),
            isTransposed: isTransposed)
    }

    private func source(
        _ prefix: String, _ head: Int, _ part: HeadPart, _ kind: TensorKind,
        _ specification: DecoderSpecification
    ) -> TensorSource {
        switch latentExpansion {
        case .together(let name):
            TensorSource(
                tensor: "\(prefix)\(name).\(kind.rawValue)",
                outputs: [specification.outputs(of: part, head: head)])
        case .apart(let keys, let values):
            TensorSource(
                tensor: "\(prefix)\(part == .keyExpansion ? keys : values).\(kind.rawValue)",
                isTransposed: part == .keyExpansion,
                stack: .init(count: specification.attention.heads.queryCount, index: head))
        }
    }

    private func source(
        _ prefix: String, _ expert: Int, _ part: FeedForwardPart, _ kind: TensorKind,
        _ specification: DecoderSpecification
    ) -> TensorSource {
        let name = experts?.parts[part] ?? part.rawValue
        guard let ownPrefix = experts?.prefix else {
            return TensorSource(
                tensor: "\(prefix)\(name).\(kind.rawValue)",
                stack: .init(count: specification.feedForward.experts?.count ?? 1, index: expert))
        }
        return TensorSource(tensor: "\(prefix)\(ownPrefix)\(expert).\(name).\(kind.rawValue)")
    }

    /// Why a tensor that the decoder doesn't ask for may be there all the same; nil where it may not.
    package func redundancy(of tensor: String) -> Redundancy? {
        if let known = redundant.first(where: { tensor.hasSuffix($0.ending) }) { return known.redundancy }
        guard tensor.hasPrefix(layerPrefix) else { return nil }
        let layer = Int(tensor.dropFirst(layerPrefix.count).prefix { $0 != "." })
        return layer.map(guessingLayers.contains) == true ? .guessing : nil
    }

    /// The names as this file has them: with `basePrefix` or without.
    func adapted(to checkpoint: Checkpoint) -> WeightNames {
        guard let basePrefix, checkpoint.tensor(named: "\(embedding).weight") == nil,
            embedding.hasPrefix(basePrefix)
        else { return self }
        func stripped(_ name: String) -> String {
            name.hasPrefix(basePrefix) ? String(name.dropFirst(basePrefix.count)) : name
        }
        guard checkpoint.tensor(named: "\(stripped(embedding)).weight") != nil else { return self }
        var names = self
        for name in [
            \WeightNames.embedding, \.positions, \.embeddingProjection, \.outputProjection, \.finalNorm,
            \.layerPrefix,
        ] { names[keyPath: name] = stripped(names[keyPath: name]) }
        return names
    }

    /// These names but for some parts.
    func replacing(_ replacements: [LayerPart: String]) -> WeightNames {
        var names = self
        names.parts.merge(replacements) { _, new in new }
        return names
    }

    /// These names, with some parts in one tensor.
    func fusing(_ fused: FusedParts...) -> WeightNames {
        var names = self
        names.fused = fused
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
            .router: "mlp.gate",
            .sharedGate: "mlp.shared_experts.gate_proj",
            .sharedUp: "mlp.shared_experts.up_proj",
            .sharedDown: "mlp.shared_experts.down_proj",
        ],
        experts: ExpertNames(
            prefix: "mlp.experts.", [.gate: "gate_proj", .up: "up_proj", .down: "down_proj"]),
        exact: [.selectionBias: "mlp.gate.e_score_correction_bias", .memoryGate: "self_attn.gate"],
        basePrefix: "model.",
        redundant: RedundantTensors.frequencies)

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
            .router: "ffn_gate_inp",
            .selectionBias: "exp_probs_b",
            .sharedGate: "ffn_gate_shexp",
            .sharedUp: "ffn_up_shexp",
            .sharedDown: "ffn_down_shexp",
        ],
        experts: ExpertNames(
            prefix: nil, [.gate: "ffn_gate_exps", .up: "ffn_up_exps", .down: "ffn_down_exps"]),
        redundant: [RedundantTensors("attn_rot_embd.weight", .frequencies)],
        rotaryFactors: RotaryFactorNames())
}
