import Foundation
import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

@Suite struct PageFileTests {
    let directory: TemporaryDirectory
    let pages = TestPages()

    init() throws { directory = try TemporaryDirectory() }

    func file(byteLimit: Int? = nil) throws -> PageFile {
        try PageFile(directory: directory.path, byteLimit: byteLimit)
    }

    func fileRange(_ file: PageFile, _ byteCount: Int = 5000) throws -> FileRange {
        pages.keep(try #require(try file.reserve([byteCount]).first))
    }

    // MARK: Where it is

    @Test func theFileHasNoNameAndIsItsOwnersAlone() throws {
        let file = try file()
        let fileRange = try fileRange(file)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
        let status = try FileDamage(descriptor: file.descriptor).status()
        #expect(status.mode == 0o600)
        #expect(status.nameCount == 0)
        #expect(file.path.hasPrefix(directory.path))
        #expect(fileRange.offset == 0)
    }

    @Test func aDirectoryThatIsNotThereIsNamed() throws {
        let missing = "\(directory.path)/missing"
        let error = #expect(throws: CacheError.self) { try PageFile(directory: missing) }
        #expect(error?.message.hasPrefix("Could not create \(missing)/nuthatch-pages-") == true)
        let plain = try directory.write([1], as: "plain")
        #expect(throws: CacheError.self) { try PageFile(directory: plain) }
    }

    // MARK: Slots

    @Test func slotsAreAdjacentMultiplesOf4096() throws {
        let file = try file()
        let fileRanges = pages.keep(try file.reserve([1, 4096, 4097, 49_152, 100]))
        #expect(fileRanges.map(\.offset) == [0, 4096, 8192, 16_384, 65_536])
        #expect(fileRanges.map(\.byteCount) == [1, 4096, 4097, 49_152, 100])
        #expect(file.usage == PageFile.Usage(live: 69_632, idle: 0, peak: 69_632))
    }

    func holdingTheOuterTwo(of fileRanges: [FileRange]) throws -> [FileRange] {
        pages.keep([fileRanges[0], fileRanges[2]])
    }

    @Test func whatWasGivenBackIsUsedAgain() throws {
        let file = try file()
        let kept = try holdingTheOuterTwo(of: file.reserve([4096, 8192, 4096]))
        #expect(file.usage == PageFile.Usage(live: 8192, idle: 8192, peak: 16_384))
        let again = pages.keep(try file.reserve([4096, 4000, 4096]))
        #expect(again.map(\.offset) == [4096, 8192, 16_384])
        #expect(kept.map(\.offset) == [0, 12_288])
        #expect(file.usage == PageFile.Usage(live: 20_480, idle: 0, peak: 20_480))
    }

    @Test func aFileThatNobodyUsesGivesItsRoomBack() throws {
        let file = try file()
        do {
            let fileRanges = try file.reserve([49_152, 49_152])
            #expect(fileRanges.count == 2)
        }
        #expect(file.usage == PageFile.Usage(live: 0, idle: 0, peak: 98_304))
        #expect(try FileDamage(descriptor: file.descriptor).status().nameCount == 0)
        #expect(try fileRange(file).offset == 0)
    }

    @Test func aSlotKeepsItsFile() throws {
        let page = pages.filled(5000, seed: 1)
        let kept: FileRange
        do {
            kept = try fileRange(try file())
            try kept.file.write(page.memory, to: kept)
        }
        let back = pages.empty(5000)
        try kept.file.read(kept, into: back.memory)
        #expect(back.digest == page.digest)
    }

    @Test func theLimitRefusesBeforeAnythingChanges() throws {
        let file = try file(byteLimit: 3 * 4096)
        let fileRanges = pages.keep(try file.reserve([4096, 4096]))
        let refusal = CacheError.diskBudgetExceeded(
            path: file.path, byteCount: 8192, inUse: 8192, budget: 12_288)
        #expect(throws: refusal) { try file.reserve([1, 1]) }
        #expect(file.usage == PageFile.Usage(live: 8192, idle: 0, peak: 8192))
        #expect(try file.reserve([4096]).first?.offset == 8192)
        #expect(fileRanges.count == 2)
        #expect(
            refusal.description
                == "The cache needs 8.2 kB more in \(file.path); 8.2 kB of its budget of 12.3 kB are "
                + "in use. Shorten the context, hold keys and values in fewer bits, or raise the cache's "
                + "budget on disk.")
    }

    // MARK: Pages

    @Test(arguments: 0..<8)
    func everyPageComesBackAsItWas(seed: UInt64) throws {
        var numbers = NuthatchTestSupport.SeededGenerator(seed: seed)
        let file = try file()
        var held: [(fileRange: FileRange, page: TestPage)] = []
        for round in 0..<200 {
            if held.isEmpty || Int.random(in: 0..<3, using: &numbers) > 0 {
                let counts = (0..<Int.random(in: 1...3, using: &numbers)).map { _ in
                    [100, 4096, 12_288, 20_000][Int.random(in: 0..<4, using: &numbers)]
                }
                for fileRange in try file.reserve(counts) {
                    let seed = UInt64(round) * 10 + UInt64(held.count)
                    let page = pages.filled(fileRange.byteCount, seed: seed)
                    try file.write(page.memory, to: fileRange)
                    held.append((fileRange, page))
                }
            } else {
                held.remove(at: Int.random(in: 0..<held.count, using: &numbers))
            }
            let extents = held.map {
                $0.fileRange.offset..<$0.fileRange.offset + ($0.fileRange.byteCount + 4095) / 4096 * 4096
            }
            .sorted { $0.lowerBound < $1.lowerBound }
            #expect(zip(extents, extents.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
            #expect(file.usage.live == extents.reduce(0) { $0 + $1.count })
            #expect(file.usage.live + file.usage.idle <= file.usage.peak)
        }
        for (fileRange, page) in held {
            let back = pages.empty(fileRange.byteCount)
            try file.read(fileRange, into: back.memory)
            #expect(back.digest == page.digest)
        }
    }

    @Test func readingAPageWhereNoneWasWrittenIsRefused() throws {
        let file = try file()
        let fileRange = try fileRange(file)
        let back = pages.empty(5000)
        let refusal = CacheError.damagedPage(
            path: file.path, offset: 0, byteCount: 5000, fault: .neverWritten)
        #expect(throws: refusal) { try file.read(fileRange, into: back.memory) }
    }

    // MARK: Damage

    /// A file with two pages of 5,000 bytes, the second of which is looked at.
    struct Damaged {
        let file: PageFile
        let fileRanges: [FileRange]
        let damage: FileDamage
        let pages: TestPages
        let back: TestPage

        init(_ file: PageFile, _ pages: TestPages) throws {
            self.file = file
            self.pages = pages
            back = pages.empty(5000)
            fileRanges = try file.reserve([5000, 5000])
            for (index, fileRange) in fileRanges.enumerated() {
                let page = pages.filled(5000, seed: UInt64(index))
                try file.write(page.memory, to: fileRange)
            }
            damage = FileDamage(descriptor: file.descriptor)
        }

        func read() throws { try file.read(fileRanges[1], into: back.memory) }

        func fault() throws -> PageFault? {
            let error = #expect(throws: CacheError.self) { try read() }
            guard case .damagedPage(file.path, 8192, 5000, let fault) = error else { return nil }
            return fault
        }
    }

    @Test func aFlippedBitIsNoticedAndNamed() throws {
        let damaged = try Damaged(file(), pages)
        for (byte, bit) in [(0, 0), (2500, 7), (4999, 3)] {
            try damaged.damage.flip(bit: bit, ofByteAt: 8192 + byte)
            guard case .checksum(let expected, let found) = try damaged.fault() else {
                Issue.record("another fault")
                return
            }
            #expect(expected != found)
            try damaged.damage.flip(bit: bit, ofByteAt: 8192 + byte)
        }
        try damaged.read()
        let error = CacheError.damagedPage(
            path: "/tmp/x", offset: 8192, byteCount: 5000, fault: .checksum(expected: 255, found: 16))
        #expect(
            error.description
                == "The 5000 bytes at 8192 of /tmp/x are not the page that was written there: their checksum "
                + "is 10 instead of ff. Start the conversation again; if it happens twice, check the disk or "
                + "place the cache elsewhere.")
    }

    @Test func bytesBetweenPagesDoNotMatter() throws {
        let damaged = try Damaged(file(), pages)
        try damaged.damage.flip(bit: 0, ofByteAt: 8192 + 5000)
        try damaged.read()
    }

    @Test func thePageOfAnotherSlotDoesNotPass() throws {
        let damaged = try Damaged(file(), pages)
        try damaged.damage.write(try damaged.damage.read(5000, at: 0), at: 8192)
        guard case .checksum = try damaged.fault() else {
            Issue.record("another fault")
            return
        }
    }

    @Test func aPageThatWasThereBeforeDoesNotPass() throws {
        let damaged = try Damaged(file(), pages)
        let old = try damaged.damage.read(5000, at: 8192)
        let page = pages.filled(5000, seed: 9)
        try damaged.file.write(page.memory, to: damaged.fileRanges[1])
        try damaged.read()
        try damaged.damage.write(old, at: 8192)
        guard case .checksum = try damaged.fault() else {
            Issue.record("another fault")
            return
        }
    }

    @Test(arguments: [0, 100, 8192, 8193, 13_191])
    func aShortenedFileIsNoticed(byteCount: Int) throws {
        let damaged = try Damaged(file(), pages)
        try damaged.damage.cut(to: byteCount)
        #expect(try damaged.fault() == .missingBytes(available: max(0, byteCount - 8192)))
    }

    /// As when a shortened file grows again: the lost bytes read as zeros.
    @Test func aHoleIsNoticed() throws {
        let damaged = try Damaged(file(), pages)
        try damaged.damage.cut(to: 9000)
        try damaged.damage.cut(to: 16_384)
        guard case .checksum = try damaged.fault() else {
            Issue.record("another fault")
            return
        }
    }

    @Test func aWriteThatFailsLeavesNoPage() throws {
        let damaged = try Damaged(file(), pages)
        try damaged.damage.redirect(to: "/dev/null", flags: FileDamage.readOnly)
        let error = #expect(throws: CacheError.self) {
            try damaged.file.write(damaged.back.memory, to: damaged.fileRanges[1])
        }
        guard case .ioFailed("write", damaged.file.path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try damaged.fault() == .neverWritten)
    }

    #if os(Linux)
        @Test func aDiskThatFillsUpIsNamed() throws {
            let damaged = try Damaged(file(), pages)
            try damaged.damage.redirect(to: "/dev/full", flags: FileDamage.writable)
            let error = #expect(throws: CacheError.self) {
                try damaged.file.write(damaged.back.memory, to: damaged.fileRanges[1])
            }
            #expect(
                error
                    == .diskFull(
                        path: damaged.file.path, byteCount: 5000, reason: "No space left on device"))
            #expect(try damaged.fault() == .neverWritten)
        }
    #endif

    @Test func morePagesThanAnyDiskHoldsAreRefusedWhole() throws {
        let file = try file()
        let fileRange = try fileRange(file)
        let error = #expect(throws: CacheError.self) { try file.reserve([4096, 1 << 58]) }
        guard case .diskFull(file.path, 4096 + 1 << 58, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(file.usage == PageFile.Usage(live: 8192, idle: 0, peak: 8192))
        #expect(try file.reserve([1]).first?.offset == 8192)
        #expect(fileRange.offset == 0)
    }

    /// A terabyte, so that no other test notices.
    @Test func theProcessesLimitOnFilesIsRespected() throws {
        let file = try file()
        FileDamage.withFileSizeLimit(1 << 40) {
            #expect(
                throws: CacheError.diskFull(
                    path: file.path, byteCount: 2 << 40,
                    reason: "this process may make files of 1.1 TB at most")
            ) { try file.reserve([2 << 40]) }
        }
    }
}
