import NuthatchCache
import NuthatchTensors

/// Memory for the activations of one pass at a time, reused from pass to pass.
///
/// Not for two passes at once. Once it has seen a pass of a shape, another of the same shape allocates nothing.
package final class DecoderWorkspace {
    /// The most rows of a pass.
    package let maximumRowCount: Int
    let layout: WorkspaceLayout
    let specification: DecoderSpecification
    let attention: AttentionWorkspace
    let quantized: QuantizedRows
    private let activations: AlignedBuffer
    private var logits: AlignedBuffer
    private var views: PassViews?
    /// Each row's position in its own sequence.
    var positions: [Int] = []
    /// The rows whose logits are asked for.
    var logitRows: [Int] = []

    /// Rows of a pass where nothing else is asked for: enough that reading the weights costs less than using them.
    package static let defaultRowCount = 512

    /// - Throws: `ModelError.tensors` if the memory can't be had.
    package init(
        for decoder: Decoder, maximumRowCount: Int = DecoderWorkspace.defaultRowCount
    ) throws(ModelError) {
        specification = decoder.specification
        self.maximumRowCount = max(maximumRowCount, 1)
        layout = WorkspaceLayout(specification, maximumRowCount: self.maximumRowCount)
        attention = AttentionWorkspace(queryHeadCount: specification.attention.heads.queryCount)
        do {
            activations = try AlignedBuffer(
                byteCount: layout.floatCount * MemoryLayout<Float>.size, purpose: "activations")
            quantized = try QuantizedRows(
                maximumRowCount: self.maximumRowCount, maximumColumnCount: layout.widestInput)
            logits = try AlignedBuffer(
                byteCount: WorkspaceLayout.logitByteCount(specification, rowCount: 1), purpose: "logits")
        } catch { throw .tensors(error) }
    }

    /// Bytes held now.
    package var byteCount: Int { layout.byteCount + logits.byteCount + attention.byteCount }

    /// The views of a pass, made anew only where its shape differs from the last one's.
    func views(
        rowCount: Int, logitCount: Int, workerCount: Int, of decoder: Decoder
    ) throws(ModelError) -> PassViews {
        if let views, views.rowCount == rowCount, views.logits.rowCount == logitCount,
            views.workerCount == workerCount, views.decoder === decoder
        {
            return views
        }
        let logitByteCount = WorkspaceLayout.logitByteCount(specification, rowCount: logitCount)
        if logits.byteCount < logitByteCount {
            logits = try allocating { () throws(TensorError) in
                try AlignedBuffer(byteCount: logitByteCount, purpose: "logits of \(logitCount) rows")
            }
        }
        let views = PassViews(
            decoder, layout: layout, floats: activations.floats, rowCount: rowCount,
            workerCount: workerCount,
            logits: Rows(
                base: logits.floats, rowCount: logitCount,
                columnCount: specification.embedding.vocabularySize,
                stride: WorkspaceLayout.stride(specification.embedding.vocabularySize)))
        self.views = views
        return views
    }
}
