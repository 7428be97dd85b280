package import NuthatchCache
package import NuthatchCheckpoints
package import NuthatchTensors

/// An encoder-decoder assembled from a specification: immutable once loaded, as a `Decoder` is.
///
///     let cache = try model.makeCache(configuration, pool: pages)         one for each sequence
///     try model.encode([.init(tokens: source, cache: cache)], ...)        fills its source, once
///     let logits = try model.forward([start], entries: [...], ...)           what it answers, step by step
///
/// Another source into the same cache is another beginning: what was answered to the old one is forgotten with it.
package final class EncoderDecoder: Sendable {
    /// The family's name, as people write it.
    package let family: String
    package let specification: EncoderDecoderSpecification
    package let precision: WeightPrecision
    /// Bytes of packed matrices, norms and biases of both halves; embeddings stay in their file.
    package let weightByteCount: Int
    package let operations: Operations

    /// How long answers may become.
    package var context: ContextBound { decoder.context }
    let encoder: LayerStack
    let decoder: LayerStack
    /// What the decoder's layers look at sources with.
    let sourceLayers: [SourceLayer]

    /// Reads a checkpoint's header, then packs its weights.
    ///
    /// - Throws: `ModelError` naming what is wrong with the header or a tensor, or that memory ran out.
    package static func load(
        _ checkpoint: Checkpoint, precision: WeightPrecision = .native, operations: Operations = Operations()
    ) throws(ModelError) -> EncoderDecoder {
        try EncoderDecoder(
            checkpoint, described: try EncoderDecoderDescription(checkpoint), precision: precision,
            operations: operations)
    }

    /// Packs the weights of a checkpoint whose model is already described.
    ///
    /// - Parameters:
    ///   - contextLength: the longest answer to come, in tokens; nil takes the decoder's own.
    ///   - pool: whose workers share the packing; nil leaves it to the caller's thread.
    package init(
        _ checkpoint: Checkpoint, described description: EncoderDecoderDescription,
        precision: WeightPrecision = .native, contextLength: Int? = nil,
        operations: Operations = Operations(), packingOn pool: WorkerPool? = nil
    ) throws(ModelError) {
        let halves = (encoder: description.encoder, decoder: description.decoder)
        // Both before anything is packed.
        let encoderWeights = try CheckpointWeights(checkpoint, halves.encoder, beside: halves.decoder)
        let decoderWeights = try CheckpointWeights(checkpoint, halves.decoder, beside: halves.encoder)
        let packer = try WeightPacker(decoderWeights, precision: precision, on: pool)
        decoder = try LayerStack(
            packing: packer,
            context: try ContextBound(halves.decoder.specification, asked: contextLength),
            operations: operations)
        var sourceLayers: [SourceLayer] = []
        for layer in halves.decoder.specification.layers.indices {
            sourceLayers.append(try SourceLayer(layer, packing: packer))
        }
        self.sourceLayers = sourceLayers
        let encoderPacker = try WeightPacker(encoderWeights, precision: precision, on: pool)
        let sharesEmbedding =
            halves.encoder.source(.embedding, .weight) == halves.decoder.source(.embedding, .weight)
        encoder = try LayerStack(
            packing: encoderPacker, context: try ContextBound(halves.encoder.specification),
            operations: operations, sharing: sharesEmbedding ? decoder.embedding : nil)
        family = description.family
        specification = description.specification
        self.precision = precision
        weightByteCount = packer.byteCount + encoderPacker.byteCount
        self.operations = operations
    }

    /// An empty pair of caches for one sequence.
    ///
    /// - Parameters:
    ///   - configuration: of what the decoder writes; the source is held in the same storage and place.
    ///   - sourceCapacity: the longest source to come, in tokens; needed where pages are reserved up front.
    package func makeCache(
        _ configuration: CacheConfiguration, sourceCapacity: Int? = nil, pool: PagePool
    ) throws(ModelError) -> EncoderDecoderCache {
        let layers = specification.targetGeometries
        let plan: CachePlan
        do { plan = try CachePlan(configuration, layers: layers) } catch { throw .cache(error) }
        try specification.checkRetention(of: plan, family: family)
        do {
            return try EncoderDecoderCache(
                configuration, targetLayers: layers, sourceLayers: specification.sourceGeometries,
                sourceCapacity: sourceCapacity, pool: pool)
        } catch { throw .cache(error) }
    }
}
