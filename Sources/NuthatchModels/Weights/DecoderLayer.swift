import NuthatchTensors

/// One layer's weights, packed.
final class DecoderLayer: Sendable {
    let attentionNorm: NormWeights?
    /// [queries | keys | values]; of latent attention [queries, or what they are made of | latent and the key that turns]
    let queryKeyValue: MatrixStack
    let queryKeyValueBias: FloatVector?
    /// Nil where each head has keys and values of its own.
    let latent: LatentWeights?
    let queryNorm: FloatVector?
    let keyNorm: FloatVector?
    let attentionOutput: PackedMatrix
    let attentionOutputBias: FloatVector?
    let attentionPostNorm: NormWeights?
    /// How much each query head takes from compressive memory, before the logistic function; empty without.
    let memoryGates: [Float]
    let feedForwardNorm: NormWeights?
    /// What every row uses; nil where experts are all there is.
    let feedForward: FeedForwardWeights?
    let experts: ExpertWeights?
    /// What multiplies what the feed-forward reads, experts' own matrices aside.
    let feedForwardInputs: [PackedMatrix]
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
        let order = specification.norms.order
        let precedes = order.precedesSublayers
        attentionNorm = precedes ? try packer.norm(.layer(layer, .attentionNorm)) : nil
        let inputs = specification.attentionInputParts
        queryKeyValue = try packer.stack(layer, inputs)
        queryKeyValueBias = attention.hasInputBias ? try packer.biases(layer, inputs) : nil
        latent = try attention.latent.map { (latent) throws(ModelError) in
            try LatentWeights(layer, latent, packing: packer)
        }
        queryNorm = attention.headNorm == nil ? nil : try packer.vector(.layer(layer, .queryNorm), .weight)
        keyNorm = attention.headNorm == nil ? nil : try packer.vector(.layer(layer, .keyNorm), .weight)
        attentionOutput = try packer.matrix(.layer(layer, .attentionOutput))
        attentionOutputBias = attention.hasOutputBias ? try packer.biases(layer, [.attentionOutput]) : nil
        memoryGates = attention.hasMemoryGates ? try packer.numbers(.layer(layer, .memoryGate)) : []
        let hasFeedForwardNorm = precedes && specification.arrangement != .parallel(sharesNorm: true)
        feedForwardNorm = hasFeedForwardNorm ? try packer.norm(.layer(layer, .feedForwardNorm)) : nil
        let mixture = specification.experts(layer: layer)
        experts = try mixture.map { (experts) throws(ModelError) in
            try ExpertWeights(layer, experts, packing: packer)
        }
        feedForward = try specification.denseSize(layer: layer).map { (size) throws(ModelError) in
            try FeedForwardWeights(layer, size: size, packing: packer) {
                mixture == nil ? $0.dense : $0.shared
            }
        }
        feedForwardInputs = (experts.map { [$0.router] } ?? []) + (feedForward?.gateUp.matrices ?? [])
        let follows = order.followsSublayers
        attentionPostNorm = follows ? try packer.norm(.layer(layer, .attentionPostNorm)) : nil
        feedForwardPostNorm = follows ? try packer.norm(.layer(layer, .feedForwardPostNorm)) : nil
        self.rotaryIndex = rotaryIndex
        attentionScale = attention.scale * (specification.layers[layer].scoreScale ?? 1)
    }
}
