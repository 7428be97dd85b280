import CNuthatchKernels
import NuthatchCache
import NuthatchTensors

/// Coding of full open pages, every kv head's keys and values.
final class PageSealing: MeasuredKernel {
    let work: Work
    var ring: Ring? { openPages }
    private let open: PageLayout
    private let sealed: PageLayout
    private let openPages: Ring
    private let sealedPage: AlignedBuffer
    private let scratch: Floats

    init(storage: PageStorage) throws {
        let plan = try storage.plan()
        open = plan.openLayout
        sealed = plan.sealedLayout
        openPages = try Ring(entryByteCount: open.byteCount)
        sealedPage = try AlignedBuffer(byteCount: sealed.byteCount, purpose: "a sealed page")
        var plane = sealed.plane(kvHead: 0)
        scratch = try Floats(count: nuthatch_seal_scratch_count(&plane))
        // Of each number: least, largest, difference, quotient, rounding (two operations), both bounds.
        work = Work(streamedByteCount: open.byteCount, floatCount: 8 * open.valueCount)
    }

    func run(on table: KernelTable) {
        guard let kernels = table.attention else { return }
        let page = openPages.address(openPages.take())
        for kvHead in 0..<Shape.kvHeadCount {
            var from = open.plane(kvHead: kvHead)
            var to = sealed.plane(kvHead: kvHead)
            kernels.seal(page, &from, sealedPage.base, &to, 0, scratch.base)
        }
    }
}
