import NuthatchTensors

/// How a workspace's floats are laid out, for up to R rows; every row begins on a cache line.
///
/// ```
/// stream     [R, hiddenSize]             the residual stream; in a small pass a copy for each worker
/// normed     [R, hiddenSize]             what a sublayer reads; copied likewise
/// branch     [R, hiddenSize]             what a sublayer gives back
/// inner      [R, larger of the two]      queries | keys | values, and copies likewise; then gate | up
/// attention  [R, queries]                what attention gives
/// cosines    [R, rotary / 2]             of each rotary table, then its sines
/// ```
struct WorkspaceLayout: Equatable {
    let maximumRowCount: Int
    let hiddenStride: Int
    let innerStride: Int
    let attentionStride: Int
    let rotaryStrides: [Int]
    /// Floats for a row's queries and keys at distant positions; see `DistantViews`.
    let distantStride: Int
    /// The longest row that is quantised.
    let widestInput: Int
    /// Bytes of memory for latent attention; see `LatentWorkspace`.
    let latentByteCount: Int
    /// Bytes of memory for mixtures of experts; see `ExpertWorkspace`.
    let expertByteCount: Int

    init(_ specification: DecoderSpecification, maximumRowCount: Int) {
        let heads = specification.attention.heads
        // Of all layers' the widest.
        let denseSize = specification.layers.indices.compactMap(specification.denseSize).max() ?? 0
        self.maximumRowCount = maximumRowCount
        hiddenStride = Self.stride(specification.hiddenSize)
        innerStride = max(
            Self.stride(specification.attentionInputWidth),
            Self.stride(specification.feedForward.isGated ? 2 * denseSize : denseSize))
        attentionStride = Self.stride(specification.attentionWidth)
        rotaryStrides = specification.distinctRotaries.map { Self.stride($0.dimension / 2) }
        distantStride = Self.stride(heads.queryWidth + heads.kvWidth)
        widestInput =
            [
                specification.hiddenSize, specification.attentionWidth, denseSize,
                specification.attention.latent?.queryRank ?? 0, specification.attention.latent?.rank ?? 0,
            ].max() ?? 0
        latentByteCount = LatentWorkspace.byteCount(specification, rowCount: maximumRowCount)
        expertByteCount = ExpertWorkspace.byteCount(specification, rowCount: maximumRowCount)
    }

    var floatCount: Int {
        maximumRowCount
            * (3 * hiddenStride + innerStride + attentionStride + 2 * rotaryStrides.reduce(0, +))
    }

    /// Bytes of all of it and of the scratch for quantised rows; attention's own scratch and logits come on top.
    var byteCount: Int {
        floatCount * MemoryLayout<Float>.size
            + QuantizedRows.byteCount(rowCount: maximumRowCount, columnCount: widestInput)
            + expertByteCount + latentByteCount
    }

    /// Bytes that come on top once a cache has distant positions.
    var distantByteCount: Int {
        maximumRowCount * (distantStride + 2 * rotaryStrides.reduce(0, +)) * MemoryLayout<Float>.size
    }

    static func logitByteCount(_ specification: DecoderSpecification, rowCount: Int) -> Int {
        rowCount * stride(specification.embedding.vocabularySize) * MemoryLayout<Float>.size
    }

    /// Whether a pass keeps a copy of its rows for each worker: where rows are few, and there is room for the copies
    /// and, of the inner ones, for what they are copies of.
    ///
    /// Four rows are also as many as workers quantise each for itself.
    func isReplicated(rowCount: Int, workerCount: Int) -> Bool {
        workerCount > 1 && rowCount <= 4 && rowCount * (workerCount + 1) <= maximumRowCount
    }

    /// Floats from row to row: whole cache lines, so that two workers never write to one.
    static func stride(_ columnCount: Int) -> Int { columnCount.rounded(upTo: 16) }
}
