import NuthatchTensors

/// Memory for the mixtures of experts of a pass of up to R rows, of K experts each: A = R K assignments.
///
/// ```
/// scores     [R, experts]
/// gathered   [A, hiddenSize]    what experts read, sorted by expert; then what they give
/// gate, up   [A, expert size]
/// quantized  [A]                rows of either
/// ```
final class ExpertWorkspace {
    let routes: ExpertRoutes
    let quantized: QuantizedRows
    /// All rows that there is room for.
    private let scores: Rows
    private let gathered: Rows
    private let gate: Rows
    private let up: Rows
    private let buffer: AlignedBuffer

    init(
        _ specification: DecoderSpecification, _ experts: DecoderSpecification.Experts, maximumRowCount: Int
    ) throws(ModelError) {
        let sizes = Sizes(specification, experts, rowCount: maximumRowCount)
        routes = try ExpertRoutes(experts, maximumRowCount: maximumRowCount)
        do {
            buffer = try AlignedBuffer(
                byteCount: sizes.floatCount * MemoryLayout<Float>.size, purpose: "activations of experts")
            quantized = try QuantizedRows(
                maximumRowCount: sizes.assignmentCount, maximumColumnCount: sizes.widestInput)
        } catch { throw .tensors(error) }
        var next = buffer.floats
        func take(_ rowCount: Int, _ columnCount: Int) -> Rows {
            let stride = WorkspaceLayout.stride(columnCount)
            defer { next += rowCount * stride }
            return Rows(base: next, rowCount: rowCount, columnCount: columnCount, stride: stride)
        }
        scores = take(maximumRowCount, experts.count)
        gathered = take(sizes.assignmentCount, specification.hiddenSize)
        gate = take(sizes.assignmentCount, experts.size)
        up = take(sizes.assignmentCount, experts.size)
    }

    static func byteCount(_ specification: DecoderSpecification, rowCount: Int) -> Int {
        guard let experts = specification.usedExperts else { return 0 }
        let sizes = Sizes(specification, experts, rowCount: rowCount)
        return sizes.floatCount * MemoryLayout<Float>.size
            + QuantizedRows.byteCount(rowCount: sizes.assignmentCount, columnCount: sizes.widestInput)
            + ExpertRoutes.byteCount(experts, rowCount: rowCount)
    }

    /// This memory as all rows that there is room for.
    var views: ExpertViews {
        ExpertViews(
            routes: routes, quantized: quantized, scores: scores, gathered: gathered,
            gateUp: GateRows(gate: gate, up: up, outputs: [gate, up]))
    }

    private struct Sizes {
        let assignmentCount: Int
        let floatCount: Int
        let widestInput: Int

        init(
            _ specification: DecoderSpecification, _ experts: DecoderSpecification.Experts, rowCount: Int
        ) {
            assignmentCount = rowCount * experts.usedCount
            floatCount =
                rowCount * WorkspaceLayout.stride(experts.count)
                + assignmentCount
                * (WorkspaceLayout.stride(specification.hiddenSize) + 2 * WorkspaceLayout.stride(experts.size))
            widestInput = max(specification.hiddenSize, experts.size)
        }
    }
}

/// That memory as rows; see there. A pass uses the first of them.
struct ExpertViews {
    let routes: ExpertRoutes
    let quantized: QuantizedRows
    let scores: Rows
    let gathered: Rows
    let gateUp: GateRows
}

extension DecoderSpecification {
    /// Nil where no layer has any.
    var usedExperts: Experts? { layers.contains(where: \.isSparse) ? feedForward.experts : nil }
}
