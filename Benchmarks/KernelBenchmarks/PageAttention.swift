import CNuthatchKernels
import NuthatchCache
import NuthatchTensors

/// The queries of some tokens over a split of four pages, for every kv head in turn.
final class PageAttention: MeasuredKernel {
    let work: Work
    var ring: Ring? { pages }
    private static let pageCount = 4
    private let layout: PageLayout
    private let pages: Ring
    /// Addresses of every entry of the ring.
    private let addresses: [UnsafeRawPointer]
    private let tokenCount: Int
    private let queries: Floats
    private let states: Floats
    private let scratch: Floats
    private let stateStride = Int(NUTHATCH_STATE_HEADER) + Shape.headDimension

    init(storage: PageStorage, tokenCount: Int) throws {
        self.tokenCount = tokenCount
        let layout = try storage.plan().sealedLayout
        let pages = try Ring(entryByteCount: layout.byteCount)
        var plane = layout.plane(kvHead: 0)
        self.layout = layout
        self.pages = pages
        addresses = (0..<pages.entryCount).map { UnsafeRawPointer(pages.address($0)) }
        let rowCount = tokenCount * Shape.queriesPerHead
        queries = try Floats(random: rowCount * Shape.headDimension)
        states = try Floats(count: rowCount * stateStride)
        scratch = try Floats(count: nuthatch_attention_scratch_count(&plane))
        // A product with every key, and one with every value.
        let productCount = Self.pageCount * Shape.pageLength * 2 * Shape.headDimension
        work = Work(
            streamedByteCount: Self.pageCount * layout.byteCount,
            floatCount: Shape.kvHeadCount * rowCount * productCount)
    }

    func prepare(for table: KernelTable) {
        table.attention?.begin(
            states.base, stateStride, tokenCount * Shape.queriesPerHead, Shape.headDimension)
    }

    func run(on table: KernelTable) {
        guard let kernels = table.attention else { return }
        let first = pages.take(Self.pageCount)
        // Behind all of the pages, so that every query sees every slot.
        let position = Int64(Self.pageCount * Shape.pageLength)
        let everything = Int64(CacheLimits.tokenCount)
        var rows = nuthatch_attention_rows(
            queries: queries.base, query_stride: Shape.queriesPerHead * Shape.headDimension,
            token_count: tokenCount, head_count: Shape.queriesPerHead, first_position: position,
            window: everything, segment: 0, start: 0, end: everything, lag: 0, scale: 0.125, softcap: 0,
            bias: nuthatch_distance_bias(),
            states: states.base, state_stride: stateStride)
        addresses.withUnsafeBufferPointer { addresses in
            guard let base = addresses.baseAddress else { return }
            for kvHead in 0..<Shape.kvHeadCount {
                var shown = nuthatch_attention_pages(
                    pages: base + first, page_count: Self.pageCount, listed_count: addresses.count - first,
                    first_position: 0, plane: layout.plane(kvHead: kvHead))
                kernels.extend(&rows, &shown, scratch.base)
            }
        }
    }
}

extension KernelTable {
    /// The attention kernels that go with the table.
    var attention: nuthatch_attention_table? { AttentionKernels(self)?.table.pointee }

    var attentionName: String? { AttentionKernels(self)?.name }
}
