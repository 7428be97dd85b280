import NuthatchTensors

/// Memory for latent attention of a pass of up to R rows and H heads, beside what the layer's input is multiplied to.
///
/// ```
/// queries    [R, H * key]                 where they are made of a shorter vector
/// absorbed   [R, H * compressed]          queries as they meet latents
/// output     [R, H * rank]                what heads read of latents
/// ```
///
/// or, in the expanded form, in place of the last two:
///
/// ```
/// expansion  [R, H * plain | H * value]   what latents are multiplied to
/// keys       [R, H * key]
/// ```
final class LatentWorkspace {
    private let latent: DecoderSpecification.LatentAttention
    private let headCount: Int
    /// All rows that there is room for.
    private let queries: Rows
    private let second: Rows
    private let third: Rows
    private let buffer: AlignedBuffer

    init(
        _ specification: DecoderSpecification, _ latent: DecoderSpecification.LatentAttention,
        maximumRowCount: Int
    ) throws(ModelError) {
        self.latent = latent
        headCount = specification.attention.heads.queryCount
        let widths = Self.widths(specification, latent)
        let byteCount = Self.byteCount(specification, rowCount: maximumRowCount)
        buffer = try allocating { () throws(TensorError) in
            try AlignedBuffer(byteCount: byteCount, purpose: "queries and keys of latent attention")
        }
        var next = buffer.floats
        let rows = widths.map { width in
            let stride = WorkspaceLayout.stride(width)
            defer { next += maximumRowCount * stride }
            return Rows(base: next, rowCount: maximumRowCount, columnCount: width, stride: stride)
        }
        (queries, second, third) = (rows[0], rows[1], rows[2])
    }

    /// Columns of the three parts.
    private static func widths(
        _ specification: DecoderSpecification, _ latent: DecoderSpecification.LatentAttention
    ) -> [Int] {
        let headCount = specification.attention.heads.queryCount
        let perHead =
            switch latent.form {
            case .absorbed: [latent.compressedWidth, latent.rank]
            case .expanded: [latent.plainDimension + latent.valueDimension, latent.keyDimension]
            }
        return ([latent.queryRank == nil ? 0 : latent.keyDimension] + perHead).map { $0 * headCount }
    }

    static func byteCount(_ specification: DecoderSpecification, rowCount: Int) -> Int {
        guard let latent = specification.attention.latent else { return 0 }
        let stride = widths(specification, latent).reduce(0) { $0 + WorkspaceLayout.stride($1) }
        return rowCount * stride * MemoryLayout<Float>.size
    }

    /// This memory as the rows of one pass.
    ///
    /// - Parameter inputs: what the layer's input is multiplied to, [row, queries, or what they are made of |
    ///   compressed].
    func views(_ inputs: Rows) -> LatentViews {
        let rows = 0..<inputs.rowCount
        let start = inputs.columnCount - latent.compressedWidth
        return LatentViews(
            queryDown: inputs.columns(0..<start), compressed: inputs.columns(start..<inputs.columnCount),
            latents: inputs.columns(start..<start + latent.rank),
            queries: latent.queryRank == nil ? inputs.columns(0..<start) : queries.rows(rows),
            second: second.rows(rows), third: third.rows(rows),
            plainWidth: headCount * latent.plainDimension)
    }
}

/// A pass's part of that memory; see there.
struct LatentViews {
    let queryDown: Rows
    /// Latents, and the key that turns.
    let compressed: Rows
    let latents: Rows
    let queries: Rows
    fileprivate let second: Rows
    fileprivate let third: Rows
    fileprivate let plainWidth: Int

    // Absorbed.
    var absorbed: Rows { second }
    var output: Rows { third }

    // Expanded.
    var expansion: Rows { second }
    var plainKeys: Rows { second.columns(0..<plainWidth) }
    var values: Rows { second.columns(plainWidth..<second.columnCount) }
    var keys: Rows { third }
}
