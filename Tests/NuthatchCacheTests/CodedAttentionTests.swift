import CNuthatchKernels
import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Attention over pages of codes.
@Suite struct CodedAttentionTests {
    /// A row's bits depend neither on the instruction set nor on the rows beside it.
    @Test func attentionOverCodesHasTheSameBitsEverywhere() {
        let scalar = AttentionKernels.available[0]
        for (index, coding) in QuantizedPlaneTests.codings.enumerated() where index % 2 == 0 {
            let page = QuantizedPlaneTests.page(coding).page
            let width = coding.0.valueDimension
            let pageLength = page.plane.page_length
            // In the second, rows that share a tile part before, at and behind a whole vector of slots; in the third all
            // see all.
            for firstPosition in [pageLength / 2, pageLength / 2 - 1, pageLength] {
                let expected = (0..<130).flatMap { row in
                    Self.attend(
                        page, rowCount: 1, firstRow: row, firstPosition: firstPosition, kernels: scalar
                    ).bits
                }
                for kernels in AttentionKernels.available {
                    // As codes lie; then widened, less than a tile of rows, one that is reduced together, and two bands.
                    for rowCount in [1, 2, 5, 7, 20, 130] {
                        let found = Self.attend(
                            page, rowCount: rowCount, firstPosition: firstPosition, kernels: kernels
                        ).bits
                        #expect(
                            found == Array(expected.prefix(rowCount * width)),
                            "\(kernels.name), \(rowCount) rows from \(firstPosition), \(coding)")
                    }
                }
            }
        }
    }

    /// Attention over codes is attention over the numbers they stand for, but for what rounding queries and
    /// probabilities to 15 bits can do.
    @Test func attentionReadsCodesAsTheirNumbers() throws {
        for coding in QuantizedPlaneTests.codings {
            let page = QuantizedPlaneTests.page(coding).page
            let reference = CodedAttention(
                keys: try #require(page.coded(keys: true)), values: try #require(page.coded(keys: false)))
            let dimension = coding.0.keyDimension
            let queries = Self.queries(count: 5 * dimension)
            let outputs = Self.attend(page, rowCount: 5, kernels: .best)
            for row in [0, 4] {
                let query = queries[row * dimension..<(row + 1) * dimension].map(Double.init)
                let (expected, bound) = reference.output(
                    query, visibleCount: coding.0.slots / 2 + row + 1, scale: 0.125)
                for index in expected.indices {
                    let found = Double(outputs[row * expected.count + index])
                    #expect(abs(found - expected[index]) <= bound[index] + 1e-5, "row \(row), \(coding)")
                }
            }
        }
    }

    static func queries(count: Int) -> [Float] {
        var generator = NuthatchTestSupport.SeededGenerator(seed: 7)
        return (0..<count).map { _ in generator.normal() }
    }

    /// Outputs of `rowCount` tokens of one head, from the `firstRow`-th on, that follow the page's middle, or from another
    /// position on.
    static func attend(
        _ page: SealedPage, rowCount: Int, firstRow: Int = 0, firstPosition: Int? = nil,
        kernels: AttentionKernels
    ) -> [Float] {
        let table = kernels.table.pointee
        var plane = page.plane
        let queries = Array(
            Self.queries(count: (firstRow + rowCount) * plane.key_dimension)
                .dropFirst(firstRow * plane.key_dimension))
        let position = (firstPosition ?? plane.page_length / 2) + firstRow
        let valueDimension = plane.value_dimension
        let stride = Int(NUTHATCH_STATE_HEADER) + valueDimension.rounded(upTo: 16)
        var states = [Float](repeating: 0, count: rowCount * stride)
        var scratch = [Float](repeating: .nan, count: nuthatch_attention_scratch_count(&plane))
        var output = [Float](repeating: 0, count: rowCount * valueDimension)
        table.begin(&states, stride, rowCount, valueDimension)
        page.withPages { pages in
            states.withUnsafeMutableBufferPointer { states in
                queries.withUnsafeBufferPointer { queries in
                    guard let statesBase = states.baseAddress, let queriesBase = queries.baseAddress else {
                        return
                    }
                    var rows = nuthatch_attention_rows(
                        queries: queriesBase, query_stride: plane.key_dimension, token_count: rowCount,
                        head_count: 1, first_position: Int64(position),
                        window: 1 << 30,
                        segment: 0, start: 0, end: 1 << 30, lag: 0,
                        scale: 0.125, softcap: 0, bias: nuthatch_distance_bias(), states: statesBase,
                        state_stride: stride)
                    var pages = pages
                    table.extend(&rows, &pages, &scratch)
                }
            }
        }
        table.finish(states, stride, rowCount, 1, valueDimension, &output, valueDimension)
        return output
    }
}
