import Foundation
import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

@Suite struct SnapshotFormatTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = "\(directory.path)/chat.cache"
    }

    static func bytes(at path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory.path) }

    /// What reading a file of these bytes says.
    func refusal(
        of bytes: [UInt8], expecting identity: SnapshotIdentity? = SnapshotSample.identity()
    ) throws -> SnapshotRefusal? {
        try directory.write(bytes, as: "chat.cache")
        let error = #expect(throws: CacheError.self) {
            try SnapshotSample(reading: path, expecting: identity)
        }
        guard case .snapshotRefused(path, let refusal) = error else {
            Issue.record("\(String(describing: error))")
            return nil
        }
        return refusal
    }

    // MARK: Saving and reading

    @Test func whatWasSavedComesBack() throws {
        let empty = SnapshotSample(tokenCount: 0, layers: [])
        let tokenless = SnapshotSample(
            tokenCount: 9, tokens: [],
            layers: [[SnapshotPageList(name: "open", firstPage: 0, pageByteCount: 100, pageCount: 1)]])
        let many = SnapshotSample(
            tokenCount: 5000,
            layers: (0..<30).map { layer in
                [
                    SnapshotPageList(
                        name: "list-\(layer)", firstPage: layer, pageByteCount: 640, pageCount: layer)
                ]
            })
        for sample in [SnapshotSample.small, empty, tokenless, many] {
            for checksPages in [true, false] {
                try sample.write(to: path)
                let back = try SnapshotSample(
                    reading: path, expecting: sample.identity, checksPages: checksPages)
                #expect(back == sample)
            }
        }
        #expect(try names() == ["chat.cache"])
    }

    @Test func theFileIsWhatTheDescriptionSays() throws {
        try SnapshotSample.small.write(to: path)
        let bytes = try Self.bytes(at: path)
        #expect(bytes == SnapshotSample.small.bytesByTheBook)
        #expect(bytes.count % 4096 == 0)
        #expect(SnapshotSample.sealed(bytes) == bytes)
    }

    @Test func theFileIsItsOwnersAlone() throws {
        try SnapshotSample.small.write(to: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }

    @Test func itTakesThePlaceOfAnOlderOne() throws {
        try SnapshotSample.small.write(to: path)
        let newer = SnapshotSample(tokenCount: 1, layers: [[], []])
        try newer.write(to: path)
        #expect(try SnapshotSample(reading: path, expecting: newer.identity) == newer)
        #expect(try names() == ["chat.cache"])
    }

    @Test func aWriterThatIsLetGoLeavesWhatWasThere() throws {
        let old = SnapshotSample(tokenCount: 1, layers: [])
        try old.write(to: path)
        do {
            let page = [UInt8](repeating: 1, count: 3000)
            var writer = try SnapshotWriter(
                path: path, identity: SnapshotSample.identity(), content: SnapshotSample.small.content)
            #expect(try names().count == 2)
            try page.withUnsafeBytes { bytes in try writer.append(#require(bytes.baseAddress)) }
        }
        #expect(try names() == ["chat.cache"])
        #expect(try SnapshotSample(reading: path, expecting: nil) == old)
    }

    /// A terabyte, so that no other test notices.
    @Test func aDiskWithoutRoomForAllOfItIsSaidAtOnce() throws {
        let list = SnapshotPageList(name: "sealed", firstPage: 0, pageByteCount: 1 << 30, pageCount: 2000)
        let content = SnapshotContent(tokenCount: 1, tokens: [], layers: [[list]])
        FileDamage.withFileSizeLimit(1 << 40) {
            let error = #expect(throws: CacheError.self) {
                _ = try SnapshotWriter(path: path, identity: SnapshotSample.identity(), content: content)
            }
            guard case .diskFull(_, let byteCount, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(byteCount > 2000 << 30)
        }
        #expect(try names().isEmpty)
    }

    @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
        let path = "\(directory.path)/missing/chat.cache"
        let error = #expect(throws: CacheError.self) { try SnapshotSample.small.write(to: path) }
        #expect(error?.message.hasPrefix("Could not create \(path).partial-") == true)
        // The target is a directory with something in it, which no file replaces.
        try directory.write([1], as: "file")
        #expect(throws: CacheError.self) { try SnapshotSample.small.write(to: directory.path) }
        let parent = URL(filePath: directory.path).deletingLastPathComponent().path(percentEncoded: false)
        let name = URL(filePath: directory.path).lastPathComponent
        let left = try FileManager.default.contentsOfDirectory(atPath: parent).filter {
            $0.hasPrefix("\(name).partial")
        }
        #expect(left.isEmpty)
    }

    @Test func moreThanASavedCacheHoldsIsNotWritten() throws {
        let right = SnapshotPageList(name: "a", firstPage: 0, pageByteCount: 1, pageCount: 0)
        func field(_ change: (inout SnapshotPageList) -> Void) -> String? {
            var list = right
            change(&list)
            let error = #expect(throws: CacheError.self) {
                _ = try SnapshotWriter(
                    path: path, identity: SnapshotSample.identity(),
                    content: SnapshotContent(tokenCount: 0, tokens: [], layers: [[right, list]]))
            }
            guard case .snapshotRefused(path, .impossibleContent(let field)) = error else { return nil }
            return field
        }
        for name in ["", "Open", "a b", "naïve", String(repeating: "a", count: 33)] {
            #expect(field { $0.name = name } == "name of a list")
        }
        for count in [-1, 1 << 32, Int.max] {
            #expect(field { $0.firstPage = count } == "first page of a list")
            #expect(field { $0.pageByteCount = count } == "page size")
            #expect(field { $0.pageCount = count } == "number of pages")
        }
        #expect(try names().isEmpty)
    }

    // MARK: Refusals

    @Test func whatIsNoSavedCacheIsRefused() throws {
        for bytes in [[], [1], Array("GGUF".utf8), [UInt8](repeating: 0, count: 100_000)] {
            #expect(try refusal(of: bytes) == .notASnapshot)
        }
        #expect(throws: CacheError.self) { _ = try SnapshotReader(path: directory.path, expecting: nil) }
        let missing = "\(directory.path)/missing"
        let error = #expect(throws: CacheError.self) { _ = try SnapshotReader(path: missing, expecting: nil) }
        #expect(error == .ioFailed(operation: "open", path: missing, reason: "No such file or directory"))
    }

    @Test func aPipeIsNotWaitedFor() throws {
        try FileDamage.makePipe(at: path)
        #expect(throws: CacheError.self) { _ = try SnapshotReader(path: path, expecting: nil) }
    }

    @Test func aLaterVersionIsRefusedWhateverElseItHolds() throws {
        var bytes = SnapshotSample.small.bytesByTheBook
        bytes[8] = 2
        #expect(try refusal(of: bytes) == .newerVersion(found: 2, known: 1))
        #expect(
            CacheError.snapshotRefused(path: "/x", .newerVersion(found: 2, known: 1)).description
                == "/x is a saved cache of version 2; this program reads up to version 1. Use the version of "
                + "Nuthatch that saved it, or compute the prompt again and save that.")
    }

    @Test func aTruncatedFileIsRefusedWithBothLengths() throws {
        let bytes = SnapshotSample.small.bytesByTheBook
        for count in [48, 100, 4096, bytes.count - 1] {
            let refusal = try refusal(of: Array(bytes[..<count]))
            #expect(refusal == .wrongLength(expected: bytes.count, found: count))
        }
        for count in [8, 47] {
            #expect(try refusal(of: Array(bytes[..<count])) == .wrongLength(expected: 48, found: count))
        }
        #expect(
            try refusal(of: bytes + [0]) == .wrongLength(expected: bytes.count, found: bytes.count + 1))
        #expect(
            CacheError.snapshotRefused(path: "/x", .wrongLength(expected: 100, found: 70)).description
                == "/x has 70 bytes; the cache saved in it takes 100. Copy the file again from where it is "
                + "whole, or compute the prompt again and save that.")
    }

    @Test func aDamagedPageIsNamed() throws {
        let bytes = SnapshotSample.small.bytesByTheBook
        // Header and token ids take a unit each, page 1 of the first list the fourth.
        var damaged = bytes
        damaged[3 * 4096 + 2999] ^= 0x10
        #expect(try refusal(of: damaged) == .damagedPage(layer: 0, list: "sealed", page: 1))
        damaged = bytes
        damaged[bytes.count - 4096] ^= 1
        #expect(try refusal(of: damaged) == .damagedPage(layer: 2, list: "open", page: 9))
        #expect(
            CacheError.snapshotRefused(path: "/x", .damagedPage(layer: 2, list: "open", page: 9)).message
                == "/x is a damaged saved cache: page 9 of layer 2 (open) has a wrong checksum.")
    }

    @Test func pagesThatChangedPlacesAreRefused() throws {
        var bytes = SnapshotSample.small.bytesByTheBook
        for byte in 0..<4096 { bytes.swapAt(2 * 4096 + byte, 3 * 4096 + byte) }
        #expect(try refusal(of: bytes) == .damagedPage(layer: 0, list: "sealed", page: 0))
    }

    @Test func aDamagedHeaderIsRefused() throws {
        let bytes = SnapshotSample.small.bytesByTheBook
        for (offset, field) in [
            (30, "length of the file"), (36, "preamble"), (44, "preamble"), (48, "header"),
        ] {
            var damaged = bytes
            damaged[offset] ^= 0x80
            let expected =
                field == "length of the file"
                ? SnapshotRefusal.damagedHeader(field: "preamble") : .damagedHeader(field: field)
            #expect(try refusal(of: damaged) == expected)
        }
        var damaged = bytes
        damaged[4096] ^= 1
        #expect(try refusal(of: damaged) == .damagedHeader(field: "list of token ids"))
    }

    @Test(arguments: SnapshotIdentity.Aspect.allCases)
    func aForeignCacheIsRefusedWithBothDescriptions(aspect: SnapshotIdentity.Aspect) throws {
        try SnapshotSample.small.write(to: path)
        var expected = SnapshotSample.identity()
        let other = SnapshotIdentity.Part(digest: Array(repeating: 9, count: 32), description: "the other")
        switch aspect {
        case .weights: expected.weights = other
        case .tokenizer: expected.tokenizer = other
        case .positions: expected.positions = other
        case .configuration: expected.configuration = other
        }
        let found = SnapshotSample.identity()[aspect].description
        let refusal = SnapshotRefusal.foreign(aspect, expected: "the other", found: found)
        #expect(throws: CacheError.snapshotRefused(path: path, refusal)) {
            _ = try SnapshotReader(path: path, expecting: expected)
        }
        #expect(try SnapshotSample(reading: path, expecting: nil) == SnapshotSample.small)
    }

    @Test func aForeignCacheIsExplained() {
        let refusal = SnapshotRefusal.foreign(
            .weights, expected: "SmolLM2-360M", found: "SmolLM2-135M")
        #expect(
            CacheError.snapshotRefused(path: "/x", refusal).description
                == "/x was saved with other weights: it has SmolLM2-135M, needed is SmolLM2-360M. Load the "
                + "model that it was saved with, or compute the prompt again.")
    }

    @Test func theDescriptionsMayDifferWhereTheDigestsDoNot() throws {
        try SnapshotSample.small.write(to: path)
        var expected = SnapshotSample.identity()
        expected.weights = .init(digest: expected.weights.digest, description: "the same by another name")
        #expect(try SnapshotSample(reading: path, expecting: expected) == SnapshotSample.small)
    }

    @Test func aDescriptionIsOneLineThatNoTerminalObeys() throws {
        let digest = [UInt8](repeating: 0, count: 32)
        let part = SnapshotIdentity.Part(digest: digest, description: "a\u{1B}[2Jb\n\u{202E}ü")
        #expect(part.description == "a?[2Jb??ü")
        let long = SnapshotIdentity.Part(digest: digest, description: String(repeating: "ü", count: 300))
        #expect(long.description == String(repeating: "ü", count: 256))
        var sample = SnapshotSample.small
        sample.identity.weights = long
        try sample.write(to: path)
        #expect(try SnapshotSample(reading: path, expecting: nil) == sample)
        var bytes = SnapshotSample.small.bytesByTheBook
        bytes[48 + 36] = 0x1B
        #expect(
            try refusal(of: SnapshotSample.sealed(bytes), expecting: nil)
                == .damagedHeader(field: "description of the weights"))
    }

    @Test func aFileThatChangesAfterItWasCheckedIsRefused() throws {
        try SnapshotSample.small.write(to: path)
        let reader = try SnapshotReader(path: path, expecting: nil)
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        try handle.seek(toOffset: 2 * 4096)
        try handle.write(contentsOf: Data([1, 2, 3]))
        try handle.close()
        let page = UnsafeMutableRawPointer.allocate(byteCount: 5000, alignment: 64)
        defer { page.deallocate() }
        #expect(
            throws: CacheError.snapshotRefused(path: path, .damagedPage(layer: 0, list: "sealed", page: 0))
        ) { try reader.readPage(layer: 0, list: 0, page: 0, into: page) }
        try reader.readPage(layer: 0, list: 0, page: 1, into: page)
    }
}
