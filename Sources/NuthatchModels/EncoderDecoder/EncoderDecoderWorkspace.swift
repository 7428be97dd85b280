package import NuthatchCache

/// Memory for the activations of an encoder-decoder, one pass at a time, reused from pass to pass.
package final class EncoderDecoderWorkspace {
    package let decoder: DecoderWorkspace
    private let encoderSpecification: DecoderSpecification
    private(set) var encoder: DecoderWorkspace
    /// Keys and values of sources on their way through the encoder.
    let sources: SourceScratch

    /// - Parameter maximumRowCount: the most rows of a decoder's pass. An encoder's takes as many, or one source that is
    ///   longer, for which the workspace grows.
    /// - Throws: `ModelError.tensors` if the memory can't be had.
    package init(
        for model: EncoderDecoder, maximumRowCount: Int = CacheConfiguration.defaultChunkLength,
        pool: PagePool? = nil
    ) throws(ModelError) {
        let specification = model.specification
        encoderSpecification = specification.encoder
        decoder = try DecoderWorkspace(
            for: specification.decoder, maximumRowCount: maximumRowCount, pool: pool)
        encoder = try DecoderWorkspace(for: specification.encoder, maximumRowCount: maximumRowCount)
        sources = SourceScratch(specification.encoder.layerGeometries[0])
    }

    /// Bytes held now.
    package var byteCount: Int { decoder.byteCount + encoder.byteCount + sources.byteCount }

    /// The most rows of a decoder's pass.
    package var maximumRowCount: Int { decoder.maximumRowCount }

    /// Whether it was made for such a model.
    func fits(_ specification: EncoderDecoderSpecification) -> Bool {
        decoder.specification == specification.decoder && encoderSpecification == specification.encoder
    }

    /// The encoder's, with room for so many rows.
    func encoder(rowCount: Int) throws(ModelError) -> DecoderWorkspace {
        if rowCount > encoder.maximumRowCount {
            encoder = try DecoderWorkspace(for: encoderSpecification, maximumRowCount: rowCount)
        }
        return encoder
    }
}
