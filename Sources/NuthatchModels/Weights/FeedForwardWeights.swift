import NuthatchTensors

/// A feed-forward that all rows use, packed.
struct FeedForwardWeights: Sendable {
    /// Inner width.
    let size: Int
    /// [gate | up], or [up] without a gate
    let gateUp: MatrixStack
    let gateUpBias: FloatVector?
    let down: PackedMatrix
    let downBias: FloatVector?

    /// - Parameter part: where the layer has each of its matrices.
    init(
        _ layer: Int, size: Int, packing packer: WeightPacker, part: (FeedForwardPart) -> LayerPart
    ) throws(ModelError) {
        let feedForward = packer.specification.feedForward
        let inputs = feedForward.inputParts.map(part)
        self.size = size
        gateUp = try packer.stack(layer, inputs)
        gateUpBias = feedForward.hasBias ? try packer.biases(layer, inputs) : nil
        down = try packer.matrix(.layer(layer, part(.down)))
        downBias = feedForward.hasBias ? try packer.biases(layer, [part(.down)]) : nil
    }
}

/// A mixture of experts, packed.
struct ExpertWeights: Sendable {
    /// [experts, hidden]
    let router: PackedMatrix
    /// Added to scores for choosing; empty without.
    let selectionBias: [Float]
    let experts: [Expert]
    /// Whether some expert's matrices meet quantised rows: those that read the layer's input, and those behind them.
    let readsCodes: Bool
    let endsInCodes: Bool

    struct Expert: Sendable {
        // Not stacked: gate and up of a row lie in panels of their own whatever the width.
        let gate: PackedMatrix
        let up: PackedMatrix
        let down: PackedMatrix
    }

    init(
        _ layer: Int, _ experts: DecoderSpecification.Experts, packing packer: WeightPacker
    ) throws(ModelError) {
        router = try packer.matrix(.layer(layer, .router))
        selectionBias =
            experts.hasSelectionBias ? try packer.numbers(.layer(layer, .selectionBias), .bias) : []
        var packed: [Expert] = []
        for expert in 0..<experts.count {
            packed.append(
                Expert(
                    gate: try packer.matrix(.expert(layer, expert, .gate)),
                    up: try packer.matrix(.expert(layer, expert, .up)),
                    down: try packer.matrix(.expert(layer, expert, .down))))
        }
        self.experts = packed
        readsCodes = packed.contains { $0.gate.layout.holdsCodes || $0.up.layout.holdsCodes }
        endsInCodes = packed.contains(where: \.down.layout.holdsCodes)
    }
}
