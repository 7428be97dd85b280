import NuthatchCache
import NuthatchTensors

/// All layers of a specification with their weights, and both ends: what a pass computes with. Immutable.
///
/// A decoder is one of these; an encoder is one without an output, whose rows see all of their run.
final class LayerStack: Sendable {
    let specification: DecoderSpecification
    /// How long sequences may become.
    let context: ContextBound
    /// What a cache needs to know.
    let layerGeometries: [LayerGeometry]
    let operations: Operations
    let embedding: EmbeddingTable
    let positions: PositionTable?
    let embeddingNorm: NormWeights?
    let embeddingProjection: PackedMatrix?
    let layers: [DecoderLayer]
    /// What all layers add to their scores.
    let positionBias: PositionBias?
    let finalNorm: NormWeights?
    /// Nil in an encoder, whose result are its states.
    let output: Output?
    let rotaries: [RotaryEmbedding]
    let rotaryTables: [RotaryTable]

    /// From the hidden size to logits.
    struct Output: Sendable {
        let projection: PackedMatrix?
        let matrix: PackedMatrix
        let bias: FloatVector?
    }

    /// - Parameter shared: another stack's embedding, where both have one; nil reads this one's own.
    init(
        packing packer: WeightPacker, context: ContextBound, operations: Operations,
        sharing shared: EmbeddingTable? = nil
    ) throws(ModelError) {
        let specification = packer.specification
        let ends = specification.embedding
        let isProjected = ends.projectedWidth != nil
        let rotaries = specification.distinctRotaries
        embeddingProjection = isProjected ? try packer.matrix(.embeddingProjection) : nil
        embeddingNorm = ends.hasNorm ? try packer.norm(.embeddingNorm) : nil
        var layers: [DecoderLayer] = []
        for (index, layer) in specification.layers.enumerated() {
            layers.append(
                try DecoderLayer(
                    index, packing: packer, rotaryIndex: layer.rotary.flatMap(rotaries.firstIndex)))
        }
        self.layers = layers
        positionBias = try packer.positionBias()
        finalNorm = specification.norms.hasFinal ? try packer.norm(.finalNorm) : nil
        if specification.isEncoder {
            output = nil
        } else {
            output = Output(
                projection: isProjected ? try packer.matrix(.outputProjection) : nil,
                matrix: try packer.matrix(ends.isTied ? .embedding : .output),
                bias: ends.hasLogitBias ? try packer.vector(.logitBias, .bias) : nil)
        }
        if let shared {
            embedding = shared
        } else {
            embedding = try EmbeddingTable(packer.weights, output: ends.isTied ? output?.matrix : nil)
        }
        positions = try PositionTable(packer.weights)
        self.specification = specification
        self.context = context
        layerGeometries = specification.layerGeometries
        self.operations = operations
        self.rotaries = rotaries
        rotaryTables = rotaries.map {
            $0.table(contextLength: context.rotaryLength).rounding(below: context.modelLength)
        }
    }
}
