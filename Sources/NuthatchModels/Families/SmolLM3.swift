import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

extension ModelFamily {
    /// SmolLM3: Llama in which every fourth layer turns nothing (arXiv:2501.18795). Windows, where a file has
    /// them, are for those layers.
    static let smolLM3 = ModelFamily(
        name: "SmolLM3",
        huggingFace: Form("SmolLM3ForCausalLM", names: .huggingFace) { config throws(ModelError) in
            let attention = try config.attention()
            let isRotated = try config.turningLayers(defaultInterval: 4)
            let window = try config.flag("use_sliding_window") ? try config.window() : nil
            var layers = try config.layers(
                attention: attention, window: window, defaults: .init(full: 2_000_000)
            ) { layer in
                Retention(window: isRotated[layer] ? nil : window)
            }
            for layer in layers.indices where !isRotated[layer] { layers[layer].rotary = nil }
            return try config.specification(
                attention: attention,
                feedForward: try config.feedForward(hasBias: try config.flag("mlp_bias")),
                norms: try config.rmsNorms(),
                isTiedByDefault: true,
                layers: layers)
        },
        gguf: Form("smollm3", names: .gguf) { header throws(ModelError) in
            let attention = try header.attention()
            var layers = try header.layers(attention: attention, pairing: .neighbours)
            // The files don't say which layers turn.
            for layer in layers.indices where (layer + 1) % 4 == 0 { layers[layer].rotary = nil }
            return try header.specification(
                attention: attention,
                feedForward: try header.feedForward(),
                norms: try header.rmsNorms(),
                layers: layers)
        },
        writing: GGUFDialect("smollm3") { $0.pairing = .neighbours })
}

extension ConfigReader {
    /// Which layers turn queries and keys: `no_rope_layers` has, despite its name, a 1 for those that do.
    fileprivate func turningLayers(defaultInterval: Int) throws(ModelError) -> [Bool] {
        let layerCount = try layerCount()
        let stated = try reading { () throws(CheckpointError) in try root.optionalIntegers("no_rope_layers") }
        guard let stated else {
            let interval = max(try integer("no_rope_layer_interval", default: defaultInterval), 1)
            return (0..<layerCount).map { ($0 + 1) % interval != 0 }
        }
        guard stated.count == layerCount else {
            throw .invalid(
                file: file, field: "no_rope_layers",
                reason: "has \(Counted.text(stated.count, "entry")) for \(Counted.text(layerCount, "layer"))")
        }
        return stated.map { $0 != 0 }
    }
}
