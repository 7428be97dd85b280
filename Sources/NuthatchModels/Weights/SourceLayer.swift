import NuthatchTensors

/// What a layer of an encoder-decoder's decoder looks at its source with, packed.
final class SourceLayer: Sendable {
    let norm: NormWeights?
    /// A stack of one.
    let query: MatrixStack
    let queryBias: FloatVector?
    /// [keys | values], of an encoder's states.
    let keyValue: MatrixStack
    let keyValueBias: FloatVector?
    let output: PackedMatrix
    let outputBias: FloatVector?
    let postNorm: NormWeights?

    init(_ layer: Int, packing packer: WeightPacker) throws(ModelError) {
        let attention = packer.specification.attention
        let order = packer.specification.norms.order
        norm = order.precedesSublayers ? try packer.norm(.layer(layer, .sourceNorm)) : nil
        query = try packer.stack(layer, [.sourceQuery])
        queryBias = attention.hasInputBias ? try packer.biases(layer, [.sourceQuery]) : nil
        keyValue = try packer.stack(layer, [.sourceKey, .sourceValue])
        keyValueBias = attention.hasInputBias ? try packer.biases(layer, [.sourceKey, .sourceValue]) : nil
        output = try packer.matrix(.layer(layer, .sourceOutput))
        outputBias = attention.hasOutputBias ? try packer.biases(layer, [.sourceOutput]) : nil
        postNorm = order.followsSublayers ? try packer.norm(.layer(layer, .sourcePostNorm)) : nil
    }
}
