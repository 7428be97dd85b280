package import NuthatchCache
package import NuthatchCheckpoints
package import NuthatchTensors

/// A decoder assembled from a specification: immutable once loaded, so that any number of sequences and threads
/// may share it. Caches, workspace and workers are arguments.
package final class Decoder: Sendable {
    /// The family's name, as people write it.
    package let family: String
    package let specification: DecoderSpecification
    package let precision: WeightPrecision
    /// How long sequences may become.
    package var context: ContextBound { stack.context }
    /// Positions that rotary angles that depend on a length were made for, at most those that the model was made for.
    package var contextLength: Int { context.rotaryLength }
    /// What a cache for it needs to know.
    package var layerGeometries: [LayerGeometry] { stack.layerGeometries }
    /// Bytes of packed matrices, norms and biases; the embedding stays in its file.
    package let weightByteCount: Int
    package let operations: Operations

    let stack: LayerStack

    /// Reads a checkpoint's header, then packs its weights.
    ///
    /// - Parameters:
    ///   - contextLength: the longest sequence to come, in tokens; nil takes `ContextBound.usualLength`. See
    ///     `RotaryScaling` for the two kinds of model whose numbers depend on it.
    /// - Throws: `ModelError` naming what is wrong with the header or a tensor, or that memory ran out.
    package static func load(
        _ checkpoint: Checkpoint, precision: WeightPrecision = .native, contextLength: Int? = nil,
        operations: Operations = Operations()
    ) throws(ModelError) -> Decoder {
        try Decoder(
            checkpoint, described: try ModelDescription(checkpoint), precision: precision,
            contextLength: contextLength, operations: operations)
    }

    /// Packs the weights of a checkpoint whose decoder is already described.
    ///
    /// - Parameters:
    ///   - reachesBeyond: as for `ContextBound`.
    ///   - pool: whose workers share the packing; nil leaves it to the caller's thread.
    package init(
        _ checkpoint: Checkpoint, described description: ModelDescription,
        precision: WeightPrecision = .native, contextLength: Int? = nil, reachesBeyond: Bool = false,
        operations: Operations = Operations(), packingOn pool: WorkerPool? = nil
    ) throws(ModelError) {
        let specification = description.specification
        let context = try ContextBound(
            specification, asked: contextLength, reachesBeyond: reachesBeyond)
        let weights = try CheckpointWeights(checkpoint, description)
        let packer = try WeightPacker(weights, precision: precision, on: pool)
        stack = try LayerStack(packing: packer, context: context, operations: operations)
        family = description.family
        self.specification = specification
        self.precision = precision
        weightByteCount = packer.byteCount
        self.operations = operations
    }
}
