import NuthatchTensors

/// One layer's weights, packed.
final class DecoderLayer: Sendable {
    let attentionNorm: NormWeights
    /// [queries | keys | values]
    let queryKeyValue: MatrixStack
    let queryKeyValueBias: FloatVector?
    let queryNorm: FloatVector?
    let keyNorm: FloatVector?
    let attentionOutput: PackedMatrix
    let attentionOutputBias: FloatVector?
    let attentionPostNorm: NormWeights?
    /// How much each query head takes from compressive memory, before the logistic function; empty without.
    let memoryGates: [Float]
    let feedForwardNorm: NormWeights
    /// [gate | up], or [up] without a gate
    let gateUp: MatrixStack
    let gateUpBias: FloatVector?
    let down: PackedMatrix
    let downBias: FloatVector?
    let feedForwardPostNorm: NormWeights?
    /// Which of the decoder's rotary tables its queries and keys turn by.
    let rotaryIndex: Int

    init(
        _ layer: Int, packing packer: WeightPacker, rotaryIndex: Int
    ) throws(ModelError) {
        let specification = packer.specification
        let attention = specification.attention
        let feedForward = specification.feedForward
        let inputs = feedForward.isGated ? [LayerPart.gate, .up] : [.up]
        attentionNorm = try packer.norm(.layer(layer, .attentionNorm))
        queryKeyValue = try packer.stack(layer, [.query, .key, .value])
        queryKeyValueBias = attention.hasInputBias ? try packer.biases(layer, [.query, .key, .value]) : nil
        queryNorm = attention.normalisesHeads ? try packer.vector(.layer(layer, .queryNorm), .weight) : nil
        keyNorm = attention.normalisesHeads ? try packer.vector(.layer(layer, .keyNorm), .weight) : nil
        attentionOutput = try packer.matrix(.layer(layer, .attentionOutput))
        attentionOutputBias = attention.hasOutputBias ? try packer.biases(layer, [.attentionOutput]) : nil
        memoryGates = attention.hasMemoryGates ? try packer.numbers(.layer(layer, .memoryGate)) : []
        feedForwardNorm = try packer.norm(.layer(layer, .feedForwardNorm))
        gateUp = try packer.stack(layer, inputs)
        gateUpBias = feedForward.hasBias ? try packer.biases(layer, inputs) : nil
        down = try packer.matrix(.layer(layer, .down))
        downBias = feedForward.hasBias ? try packer.biases(layer, [.down]) : nil
        let followsSublayers = specification.norms.followsSublayers
        attentionPostNorm = followsSublayers ? try packer.norm(.layer(layer, .attentionPostNorm)) : nil
        feedForwardPostNorm = followsSublayers ? try packer.norm(.layer(layer, .feedForwardPostNorm)) : nil
        self.rotaryIndex = rotaryIndex
    }
}
