import Benchmark
import CNuthatchKernels
import NuthatchCache
import NuthatchTensors

/// The checksum of a page that is about to leave memory, or came back.
final class PageChecking: MeasuredKernel {
    let work: Work
    var ring: Ring? { pages }
    private let pages: Ring

    init() throws {
        pages = try Ring(entryByteCount: PageStorage.f16.plan().sealedLayout.byteCount)
        work = Work(streamedByteCount: pages.entryByteCount)
    }

    func run(on table: KernelTable) {
        blackHole(nuthatch_checksum(pages.address(pages.take()), pages.entryByteCount, 0))
    }
}
