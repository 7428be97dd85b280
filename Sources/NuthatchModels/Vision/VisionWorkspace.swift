import NuthatchCache
import NuthatchTensors

/// Memory for the activations of one image of N patches, in the order in which they are computed.
///
/// ```
/// patches    [N, numbers of a patch]
/// stream     [N, hiddenSize]            the residual stream
/// queries    [N, hiddenSize]            and what attention gives in their place
/// cosines    [N, headDimension / 2]     then sines
/// normed     [C, hiddenSize]            what a sublayer reads, of a chunk of C patches
/// branch     [C, hiddenSize]            what a sublayer gives back; a chunk's tokens
/// inner      [C, the largest of queries | keys | values and gate | up]; a chunk's blocks, twice
/// ```
///
/// Keys and values of all patches are `SegmentAttention`'s. Rows are as long as what they hold: the rows of a block, one
/// behind the other, are one row of its merger.
final class VisionWorkspace {
    let order: PatchOrder
    let attention: SegmentAttention
    let quantized: QuantizedRows
    let patches: Rows
    let stream: Rows
    let queries: Rows
    let cosines: Rows
    let sines: Rows
    let normed: Rows
    let branch: Rows
    private let inner: UnsafeMutablePointer<Float>
    private let buffer: AlignedBuffer
    private let specification: VisionSpecification

    /// Patches of a chunk: blocks of any size up to 16 x 16 are whole, and reading the weights costs less than using
    /// them.
    private static let chunkLength = 512

    let chunks: [Range<Int>]

    /// - Throws: `ModelError.tensors`, `ModelError.cache` if the memory can't be had.
    init(_ tower: VisionTower, grid: PatchGrid, workerCount: Int) throws(ModelError) {
        let specification = tower.specification
        let (hiddenSize, mergeCount) = (specification.hiddenSize, specification.patches.mergeCount)
        let order = PatchOrder(grid, specification)
        let rowCount = grid.patchCount
        let chunkLength = min(max(Self.chunkLength / mergeCount, 1) * mergeCount, rowCount)
        let turnCount = specification.headDimension / 2
        let innerWidth = max(
            3 * hiddenSize, (specification.feedForward.isGated ? 2 : 1) * specification.feedForward.size)
        let branchWidth = max(hiddenSize, (specification.outputSize + mergeCount - 1) / mergeCount)
        // Each is bounded by a limit of the header's or of images; so is their product with 4 bytes.
        let floatCount =
            rowCount * (specification.patches.width + 2 * hiddenSize + 2 * turnCount)
            + chunkLength * (hiddenSize + branchWidth + innerWidth)
        let buffer = try allocating { () throws(TensorError) in
            try AlignedBuffer(
                byteCount: floatCount * MemoryLayout<Float>.size,
                purpose: "an image of \(Counted.text(rowCount, "patch"))")
        }
        var next = buffer.floats
        func take(_ rowCount: Int, _ columnCount: Int) -> Rows {
            defer { next += rowCount * columnCount }
            return Rows(base: next, rowCount: rowCount, columnCount: columnCount, stride: columnCount)
        }
        patches = take(rowCount, specification.patches.width)
        stream = take(rowCount, hiddenSize)
        queries = take(rowCount, hiddenSize)
        cosines = take(rowCount, turnCount)
        sines = take(rowCount, turnCount)
        normed = take(chunkLength, hiddenSize)
        branch = take(chunkLength, branchWidth)
        inner = next
        self.buffer = buffer
        self.order = order
        self.specification = specification
        chunks = stride(from: 0, to: rowCount, by: chunkLength).map { $0..<min($0 + chunkLength, rowCount) }
        quantized = try allocating { () throws(TensorError) in
            try QuantizedRows(
                maximumRowCount: chunkLength,
                maximumColumnCount: max(
                    specification.patches.width, hiddenSize * mergeCount, specification.feedForward.size))
        }
        do {
            attention = try SegmentAttention(
                cuts: [order.frames, order.windows], headCount: specification.headCount,
                dimension: specification.headDimension, workerCount: workerCount)
        } catch { throw .cache(error) }
    }

    /// Which of attention's cuts a layer uses.
    func cut(_ reach: VisionSpecification.Reach) -> Int { reach == .frame ? 0 : 1 }

    /// A chunk's inner activations, [row, columnCount].
    func inner(rowCount: Int, columnCount: Int) -> Rows {
        Rows(base: inner, rowCount: rowCount, columnCount: columnCount, stride: columnCount)
    }

    /// A chunk's branch as rows of another length: a block's tokens.
    func branch(rowCount: Int, columnCount: Int) -> Rows {
        Rows(base: branch.base, rowCount: rowCount, columnCount: columnCount, stride: columnCount)
    }

    /// Copies an image's patches, block by block, in the order of computing.
    func take(_ values: [Float]) {
        let count = specification.patches.mergeCount * specification.patches.width
        values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for (index, block) in order.blocks.enumerated() {
                (patches.base + index * count).update(from: base + block * count, count: count)
            }
        }
    }
}
