import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

extension ModelFamily {
    /// Qwen2-VL (arXiv:2409.12191): Qwen2 whose heads turn by time, row and column, and a vision tower that reads images
    /// of any size.
    ///
    /// Its GGUF files hold the decoder; the tower is in a file of its own (mmproj), which Nuthatch doesn't read. So from
    /// there it reads text alone.
    static let qwen2VL = ModelFamily(
        name: "Qwen2-VL",
        huggingFace: Form(
            "Qwen2VLForConditionalGeneration", names: QwenVL.names, read: QwenVL.decoder),
        gguf: Form("qwen2vl", names: .gguf) { header throws(ModelError) in
            let attention = try header.attention()
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(),
                norms: try header.rmsNorms(),
                layers: try header.layers(attention: attention, pairing: .halves))
        },
        vision: { config, decoder throws(ModelError) in
            let tower = try QwenVL.tower(config)
            let hiddenSize = try tower.size("embed_dim", .hiddenSize)
            return try VisionSpecification(
                file: config.file, patches: try QwenVL.patches(tower), hiddenSize: hiddenSize,
                headCount: try tower.size("num_heads", .headCount),
                feedForward: .init(
                    size: try Self.product(
                        hiddenSize, try tower.number("mlp_ratio", .widthRatio, default: 4), file: config.file),
                    activation: try tower.activation("hidden_act") ?? .geluLogistic, isGated: false,
                    hasBias: true),
                norm: .layer,
                layers: Array(repeating: .frame, count: try tower.size("depth", .layerCount)),
                windowLength: nil, rotaryBase: try QwenVL.rotaryBase(tower),
                outputSize: try QwenVL.outputSize(tower, "hidden_size", decoder),
                imageToken: try QwenVL.imageToken(config, decoder))
        })

    /// A hidden size times a ratio.
    private static func product(_ size: Int, _ ratio: Double, file: String) throws(ModelError) -> Int {
        let product = Double(size) * ratio
        guard product >= 1, product <= Double(ModelLimit.feedForwardSize.maximum) else {
            throw .invalid(file: file, field: "mlp_ratio", reason: "is \(ratio)")
        }
        return Int(product)
    }
}

/// What the two Qwen-VLs have in common.
enum QwenVL {
    /// As published, or as transformers 5 has them in memory.
    static func names(_ config: ConfigReader) -> WeightNames {
        var names = WeightNames.huggingFace
        names.towerPrefix = "visual."
        guard config.checkpoint.tensor(named: "model.language_model.embed_tokens.weight") != nil else {
            return names
        }
        names.towerPrefix = "model.visual."
        names.embedding = "model.language_model.embed_tokens"
        names.finalNorm = "model.language_model.norm"
        names.layerPrefix = "model.language_model.layers."
        return names
    }

    static func decoder(_ config: ConfigReader) throws(ModelError) -> DecoderSpecification {
        let text = try self.text(config)
        var attention = DecoderSpecification.Attention(heads: try text.heads())
        attention.hasInputBias = true
        var layers = try text.layers(
            attention: attention, window: try text.window(),
            defaults: .init(full: 1_000_000, readsSections: true),
            retention: try text.upperLayersWindow())
        let sections = try sections(text)
        for index in layers.indices { layers[index].rotary?.sections = sections }
        // Either part may say it.
        let isTied = try config.flag("tie_word_embeddings")
        return try text.specification(
            attention: attention, feedForward: try text.feedForward(), norms: try text.rmsNorms(),
            isTiedByDefault: isTied, layers: layers
        ) { embedding throws(ModelError) in embedding.isTied = embedding.isTied || isTied }
    }

    /// The decoder's fields: in an object of their own (transformers 5), or at the root (as published).
    private static func text(_ config: ConfigReader) throws(ModelError) -> ConfigReader {
        let part = try reading { () throws(CheckpointError) in try config.root.optionalObject("text_config") }
        return part.map { ConfigReader(root: $0, checkpoint: config.checkpoint) } ?? config
    }

    private static func sections(_ text: ConfigReader) throws(ModelError) -> RotarySections {
        let counts = try reading { () throws(CheckpointError) in
            for key in ["rope_parameters", "rope_scaling"] {
                guard let parameters = try text.root.optionalObject(key) else { continue }
                return try parameters.optionalIntegers("mrope_section") ?? [16, 24, 24]
            }
            return [16, 24, 24]
        }
        guard counts.count == 3 else {
            throw .invalid(
                file: text.file, field: "mrope_section",
                reason: "has \(Counted.text(counts.count, "entry")) for time, row and column")
        }
        return RotarySections(time: counts[0], row: counts[1], column: counts[2])
    }

    // MARK: The tower

    static func tower(_ config: ConfigReader) throws(ModelError) -> ConfigReader {
        let part = try reading { () throws(CheckpointError) in try config.root.object("vision_config") }
        return ConfigReader(
            root: part, checkpoint: config.checkpoint, spellings: ["in_channels": "in_chans"])
    }

    static func patches(_ tower: ConfigReader) throws(ModelError) -> VisionSpecification.Patches {
        VisionSpecification.Patches(
            channelCount: try tower.size("in_channels", .patchLength, default: 3),
            length: try tower.size("patch_size", .patchLength, default: 14),
            frameCount: try tower.size("temporal_patch_size", .patchLength, default: 2),
            mergeLength: try tower.size("spatial_merge_size", .patchLength, default: 2))
    }

    static func rotaryBase(_ tower: ConfigReader) throws(ModelError) -> Double {
        let parameters = try reading { () throws(CheckpointError) in
            try tower.root.optionalObject("rope_parameters")
        }
        guard let parameters else { return 10_000 }
        return try tower.number("rope_theta", .rotaryBase, in: parameters) ?? 10_000
    }

    static func outputSize(
        _ tower: ConfigReader, _ key: String, _ decoder: DecoderSpecification
    ) throws(ModelError) -> Int {
        let size = try tower.size(key, .hiddenSize)
        guard size == decoder.hiddenSize else {
            throw .invalid(
                file: tower.file, field: "vision_config.\(key)",
                reason: "is \(size); the decoder's hidden size is \(decoder.hiddenSize)")
        }
        return size
    }

    static func imageToken(
        _ config: ConfigReader, _ decoder: DecoderSpecification
    ) throws(ModelError) -> TokenID {
        let token = try config.integer("image_token_id", default: 151_655)
        guard (0..<decoder.embedding.vocabularySize).contains(token) else {
            throw .invalid(
                file: config.file, field: "image_token_id",
                reason: "is \(token), which is not in the vocabulary")
        }
        return TokenID(token)
    }
}
