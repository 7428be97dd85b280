import NuthatchTensors

/// One layer's weights, packed.
final class DecoderLayer: Sendable {
    let attentionNorm: NormWeights?
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
    let feedForwardNorm: NormWeights?
    /// [gate | up], or [up] without a gate
    let gateUp: MatrixStack
    let gateUpBias: FloatVector?
    let down: PackedMatrix
    let downBias: FloatVector?
    let feedForwardPostNorm: NormWeights?
    /// Which of the decoder's rotary tables its queries and keys turn by; nil: they don't.
    let rotaryIndex: Int?
    /// Multiplies every score.
    let attentionScale: Float

    init(
        _ layer: Int, packing packer: WeightPacker, rotaryIndex: Int?
    ) throws(ModelError) {
        let specification = packer.specification
        let attention = specification.attention
        let feedForward = specification.feedForward
        let inputs = feedForward.isGated ? [LayerPart.gate, .up] : [.up]
        let placement = specification.norms.placement
        let precedes = placement.precedesSublayers
        attentionNorm = precedes ? try packer.norm(.layer(layer, .attentionNorm)) : nil
        queryKeyValue = try packer.stack(layer, [.query, .key, .value])
        queryKeyValueBias = attention.hasInputBias ? try packer.biases(layer, [.query, .key, .value]) : nil
        queryNorm = attention.headNorm == nil ? nil : try packer.vector(.layer(layer, .queryNorm), .weight)
        keyNorm = attention.headNorm == nil ? nil : try packer.vector(.layer(layer, .keyNorm), .weight)
        attentionOutput = try packer.matrix(.layer(layer, .attentionOutput))
        attentionOutputBias = attention.hasOutputBias ? try packer.biases(layer, [.attentionOutput]) : nil
        memoryGates = attention.hasMemoryGates ? try packer.numbers(.layer(layer, .memoryGate)) : []
        let hasFeedForwardNorm = precedes && specification.arrangement != .parallel(sharesNorm: true)
        feedForwardNorm = hasFeedForwardNorm ? try packer.norm(.layer(layer, .feedForwardNorm)) : nil
        gateUp = try packer.stack(layer, inputs)
        gateUpBias = feedForward.hasBias ? try packer.biases(layer, inputs) : nil
        down = try packer.matrix(.layer(layer, .down))
        downBias = feedForward.hasBias ? try packer.biases(layer, [.down]) : nil
        let follows = placement.followsSublayers
        attentionPostNorm = follows ? try packer.norm(.layer(layer, .attentionPostNorm)) : nil
        feedForwardPostNorm = follows ? try packer.norm(.layer(layer, .feedForwardPostNorm)) : nil
        self.rotaryIndex = rotaryIndex
        attentionScale = attention.scale * (specification.layers[layer].scoreScale ?? 1)
    }
}
