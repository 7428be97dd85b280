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
    /// The longest sequence it was loaded for, in tokens: what rotary tables that depend on a length were made for.
    package let contextLength: Int
    /// What a cache for it needs to know.
    package var layerGeometries: [LayerGeometry] { stack.layerGeometries }
    /// Bytes of packed matrices, norms and biases; the embedding stays in its file.
    package let weightByteCount: Int
    package let operations: Operations

    let stack: LayerStack

    /// Reads a checkpoint's header, then packs its weights.
    ///
    /// - Parameters:
    ///   - contextLength: the longest sequence to come; nil takes the model's own. See `RotaryScaling` for the two
    ///     kinds of model whose numbers depend on it.
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
    /// - Parameter pool: whose workers share the packing; nil leaves it to the caller's thread.
    package init(
        _ checkpoint: Checkpoint, described description: ModelDescription,
        precision: WeightPrecision = .native, contextLength: Int? = nil,
        operations: Operations = Operations(), packingOn pool: WorkerPool? = nil
    ) throws(ModelError) {
        let specification = description.specification
        let contextLength = contextLength ?? specification.contextLength
        guard (1...specification.contextLength).contains(contextLength) else {
            throw .contextLengthOutOfRange(asked: contextLength, maximum: specification.contextLength)
        }
        let weights = try CheckpointWeights(checkpoint, description)
        let packer = try WeightPacker(weights, precision: precision, on: pool)
        stack = try LayerStack(packing: packer, contextLength: contextLength, operations: operations)
        family = description.family
        self.specification = specification
        self.precision = precision
        self.contextLength = contextLength
        weightByteCount = packer.byteCount
        self.operations = operations
    }
}
