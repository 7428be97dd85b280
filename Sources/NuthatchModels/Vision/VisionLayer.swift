import NuthatchTensors

/// One layer of a vision tower, packed.
final class VisionLayer: Sendable {
    let reach: VisionSpecification.Reach
    let attentionNorm: NormWeights
    /// [queries | keys | values]
    let queryKeyValue: PackedMatrix
    let queryKeyValueBias: FloatVector
    let attentionOutput: PackedMatrix
    let attentionOutputBias: FloatVector
    let feedForwardNorm: NormWeights
    /// [gate | up], or [up] without a gate
    let gateUp: MatrixStack
    let gateUpBias: FloatVector
    let down: PackedMatrix
    let downBias: FloatVector

    init(_ index: Int, packing packer: VisionPacker) throws(ModelError) {
        func name(_ part: VisionNames.Part) -> String { VisionNames.layer(index, part) }
        let parts = packer.specification.feedForwardParts
        reach = packer.specification.layers[index]
        attentionNorm = try packer.norm(name(.attentionNorm))
        queryKeyValue = try packer.matrix(name(.queryKeyValue))
        queryKeyValueBias = try packer.biases([name(.queryKeyValue)])
        attentionOutput = try packer.matrix(name(.attentionOutput))
        attentionOutputBias = try packer.biases([name(.attentionOutput)])
        feedForwardNorm = try packer.norm(name(.feedForwardNorm))
        gateUp = try packer.stack(parts.inputs.map(name))
        gateUpBias = try packer.biases(parts.inputs.map(name))
        down = try packer.matrix(name(parts.output))
        downBias = try packer.biases([name(parts.output)])
    }
}
