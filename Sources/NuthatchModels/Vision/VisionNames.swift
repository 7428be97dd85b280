/// What files call a vision tower's tensors, behind the tower's own prefix.
enum VisionNames {
    static let patchEmbedding = "patch_embed.proj.weight"
    static let mergerNorm = "merger.ln_q"
    static let mergerInput = "merger.mlp.0"
    static let mergerOutput = "merger.mlp.2"

    static func layer(_ index: Int, _ part: Part) -> String { "blocks.\(index).\(part.rawValue)" }

    enum Part: String {
        case attentionNorm = "norm1"
        case queryKeyValue = "attn.qkv"
        case attentionOutput = "attn.proj"
        case feedForwardNorm = "norm2"
        case gate = "mlp.gate_proj"
        case gatedUp = "mlp.up_proj"
        case gatedDown = "mlp.down_proj"
        case up = "mlp.fc1"
        case down = "mlp.fc2"
    }
}

extension VisionSpecification {
    /// The matrices that lead from the stream into a layer's feed-forward, and the one that leads back.
    var feedForwardParts: (inputs: [VisionNames.Part], output: VisionNames.Part) {
        feedForward.isGated ? ([.gate, .gatedUp], .gatedDown) : ([.up], .down)
    }

    /// The tensors of every matrix, those together that are packed together.
    var matrices: [[String]] {
        var matrices = [[VisionNames.patchEmbedding]]
        for layer in layers.indices {
            let parts = [
                [.queryKeyValue], [.attentionOutput], feedForwardParts.inputs, [feedForwardParts.output],
            ]
            matrices += parts.map { $0.map { "\(VisionNames.layer(layer, $0)).weight" } }
        }
        return matrices
            + [VisionNames.mergerInput, VisionNames.mergerOutput].map { ["\($0).weight"] }
    }

    /// Every tensor of the tower, with its shape, outermost dimension first.
    var expectedTensors: [(name: String, shape: [Int])] {
        var tensors: [(name: String, shape: [Int])] = []
        func addLinear(_ name: String, outputs: Int, inputs: Int) {
            tensors.append(("\(name).weight", [outputs, inputs]))
            tensors.append(("\(name).bias", [outputs]))
        }
        func addNorm(_ name: String) {
            tensors.append(("\(name).weight", [hiddenSize]))
            if norm == .layer { tensors.append(("\(name).bias", [hiddenSize])) }
        }
        let patch = [patches.channelCount, patches.frameCount, patches.length, patches.length]
        tensors.append((VisionNames.patchEmbedding, [hiddenSize] + patch))
        for layer in layers.indices {
            addNorm(VisionNames.layer(layer, .attentionNorm))
            addLinear(
                VisionNames.layer(layer, .queryKeyValue), outputs: 3 * hiddenSize, inputs: hiddenSize)
            addLinear(VisionNames.layer(layer, .attentionOutput), outputs: hiddenSize, inputs: hiddenSize)
            addNorm(VisionNames.layer(layer, .feedForwardNorm))
            for part in feedForwardParts.inputs {
                addLinear(VisionNames.layer(layer, part), outputs: feedForward.size, inputs: hiddenSize)
            }
            addLinear(
                VisionNames.layer(layer, feedForwardParts.output), outputs: hiddenSize,
                inputs: feedForward.size)
        }
        addNorm(VisionNames.mergerNorm)
        let merged = hiddenSize * patches.mergeCount
        addLinear(VisionNames.mergerInput, outputs: merged, inputs: merged)
        addLinear(VisionNames.mergerOutput, outputs: outputSize, inputs: merged)
        return tensors
    }
}
