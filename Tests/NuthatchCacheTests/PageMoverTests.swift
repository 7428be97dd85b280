import Dispatch
import NuthatchCache
import NuthatchTestSupport
import Testing

@Suite struct PageMoverTests {
    let directory: TemporaryDirectory
    let file: PageFile
    let memory = TestPages()

    init() throws {
        directory = try TemporaryDirectory()
        file = try PageFile(directory: directory.path)
    }

    func pages(_ count: Int, seed: UInt64 = 0) -> [TestPage] {
        (0..<count).map { memory.filled(5000, seed: seed + UInt64($0)) }
    }

    func fileRanges(_ count: Int) throws -> [FileRange] {
        try file.reserve(Array(repeating: 5000, count: count))
    }

    func write(_ pages: [TestPage], to fileRanges: [FileRange], by mover: PageMover) -> Transfer {
        mover.write(zip(pages, fileRanges).map { PageWrite($0.memory, to: $1) })
    }

    func read(_ fileRanges: [FileRange], into pages: [TestPage], by mover: PageMover) -> Transfer {
        mover.read(zip(fileRanges, pages).map { PageRead($0, into: $1.memory) })
    }

    @Test func whatIsWrittenCanBeAskedBackAtOnce() throws {
        let mover = try PageMover()
        for round in 0..<50 {
            let pages = pages(8, seed: UInt64(round) * 100)
            let back = pages.map { memory.empty($0.byteCount) }
            let fileRanges = try fileRanges(8)
            let writing = write(pages, to: fileRanges, by: mover)
            try read(fileRanges, into: back, by: mover).wait()
            #expect(writing.isDone)
            #expect(back.map(\.digest) == pages.map(\.digest))
        }
    }

    @Test func nothingToMoveIsDoneSoon() throws {
        let mover = try PageMover()
        let transfers = [mover.read([]), mover.write([]), mover.fetch([])]
        for transfer in transfers { try transfer.wait() }
        #expect(transfers.allSatisfy { $0.isDone })
    }

    @Test func aFailureEndsItsOwnTransferOnly() throws {
        let mover = try PageMover()
        let pages = pages(4)
        let fileRanges = try fileRanges(4)
        try write(pages, to: fileRanges, by: mover).wait()
        try FileDamage(descriptor: file.descriptor).flip(bit: 0, ofByteAt: fileRanges[1].offset)
        let back = pages.map { memory.empty($0.byteCount) }
        let first = read(fileRanges, into: back, by: mover)
        let second = read(fileRanges, into: pages.map { memory.empty($0.byteCount) }, by: mover)
        let third = read(
            [fileRanges[0], fileRanges[2], fileRanges[3]], into: [back[0], back[2], back[3]], by: mover)
        try third.wait()
        for failed in [first, second] {
            let error = try #require(#expect(throws: CacheError.self) { try failed.wait() })
            guard case .damagedPage(file.path, fileRanges[1].offset, 5000, .checksum) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(failed.isDone)
            #expect(throws: error) { try failed.wait() }
        }
        for index in [0, 2, 3] { #expect(back[index].digest == pages[index].digest) }
    }

    @Test func pagesBehindAFailureAreNotMoved() throws {
        let mover = try PageMover()
        let fileRanges = try fileRanges(3)
        try write(pages(1), to: [fileRanges[0]], by: mover).wait()
        try write(pages(1), to: [fileRanges[2]], by: mover).wait()
        let back = (0..<3).map { _ in memory.empty(5000) }
        #expect(
            throws: CacheError.damagedPage(
                path: file.path, offset: fileRanges[1].offset, byteCount: 5000, fault: .neverWritten)
        ) { try read(fileRanges, into: back, by: mover).wait() }
        #expect(back[0].digest == pages(1)[0].digest)
        #expect(back[2].digest == memory.empty(5000).digest)
    }

    @Test func aFailedWriteIsToldAndItsPagesAreNeverReadAsIfTheyWereThere() throws {
        let mover = try PageMover()
        let fileRanges = try fileRanges(2)
        try write(pages(2), to: fileRanges, by: mover).wait()
        try FileDamage(descriptor: file.descriptor).redirect(to: "/dev/null", flags: FileDamage.readOnly)
        let failed = write(pages(2, seed: 7), to: fileRanges, by: mover)
        #expect(throws: CacheError.self) { try failed.wait() }
        let back = memory.empty(5000)
        #expect(throws: CacheError.self) { try read([fileRanges[0]], into: [back], by: mover).wait() }
    }

    /// Runs `body` on several threads at once.
    func onThreads(_ body: @Sendable (Int) throws -> Void) {
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            do { try body(thread) } catch { Issue.record(error) }
        }
    }

    @Test func anyNumberOfThreadsMayWait() throws {
        let mover = try PageMover()
        let pages = pages(64)
        let fileRanges = try fileRanges(64)
        for _ in 0..<20 {
            let transfer = write(pages, to: fileRanges, by: mover)
            onThreads { _ in
                try transfer.wait()
                #expect(transfer.isDone)
            }
        }
    }

    @Test func anyNumberOfThreadsMayAsk() throws {
        let mover = try PageMover()
        onThreads { thread in
            for round in 0..<20 {
                let pages = pages(3, seed: UInt64(thread * 1000 + round))
                let back = pages.map { memory.empty($0.byteCount) }
                let fileRanges = try fileRanges(3)
                _ = write(pages, to: fileRanges, by: mover)
                try read(fileRanges, into: back, by: mover).wait()
                #expect(back.map(\.digest) == pages.map(\.digest))
            }
        }
    }

    @Test func workersReadWhatWasFetchedThemselves() throws {
        let mover = try PageMover()
        let pages = pages(40)
        let fileRanges = try fileRanges(40)
        _ = write(pages, to: fileRanges, by: mover)
        try mover.fetch(fileRanges.reversed() + fileRanges).wait()
        onThreads { _ in
            for (fileRange, page) in zip(fileRanges, pages) {
                let back = memory.empty(5000)
                try file.read(fileRange, into: back.memory)
                #expect(back.digest == page.digest)
            }
        }
    }

    @Test func aMoverThatGoesFinishesFirst() throws {
        let pages = pages(100)
        let fileRanges = try fileRanges(100)
        var transfers: [Transfer] = []
        do {
            let mover = try PageMover()
            for (page, fileRange) in zip(pages, fileRanges) {
                transfers.append(write([page], to: [fileRange], by: mover))
            }
        }
        #expect(transfers.allSatisfy { $0.isDone })
        for (page, fileRange) in zip(pages, fileRanges) {
            let back = memory.empty(5000)
            try file.read(fileRange, into: back.memory)
            #expect(back.digest == page.digest)
        }
    }

    @Test func aTransferLetsGoOfItsSlotsWhenItIsDone() throws {
        let mover = try PageMover()
        let pages = pages(20)
        var transfers: [Transfer] = []
        for _ in 0..<3 { transfers.append(write(pages, to: try fileRanges(20), by: mover)) }
        for transfer in transfers { try transfer.wait() }
        #expect(file.usage.live == 0)
    }
}
