import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

extension ModelFamily {
    /// Qwen2.5-VL (arXiv:2502.13923): Qwen2-VL with a tower like its decoder (RMS norms, gates), most of whose layers
    /// see windows. Its GGUF files call themselves Qwen2-VL.
    static let qwen25VL = ModelFamily(
        name: "Qwen2.5-VL",
        huggingFace: Form(
            "Qwen2_5_VLForConditionalGeneration", names: QwenVL.names, read: QwenVL.decoder),
        vision: { config, decoder throws(ModelError) in
            let tower = try QwenVL.tower(config)
            let layerCount = try tower.size("depth", .layerCount)
            let full = try reading { () throws(CheckpointError) in
                try tower.root.optionalIntegers("fullatt_block_indexes") ?? [7, 15, 23, 31]
            }
            return try VisionSpecification(
                file: config.file, patches: try QwenVL.patches(tower),
                hiddenSize: try tower.size("hidden_size", .hiddenSize),
                headCount: try tower.size("num_heads", .headCount),
                feedForward: try tower.feedForward(hasBias: true),
                norm: .rms(weightOffset: 0),
                layers: (0..<layerCount).map { full.contains($0) ? .frame : .window },
                windowLength: try tower.size("window_size", .windowLength, default: 112),
                rotaryBase: try QwenVL.rotaryBase(tower),
                outputSize: try QwenVL.outputSize(tower, "out_hidden_size", decoder),
                imageToken: try QwenVL.imageToken(config, decoder))
        })
}
