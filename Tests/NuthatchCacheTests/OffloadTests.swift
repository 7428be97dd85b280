import NuthatchCache
import NuthatchTestSupport
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Sealed pages on disk: what is resident is what was planned, and what goes wrong with a file is an error before it
/// is a number.
@Suite struct OffloadTests {
    private let shape = Shape(retentions: [.full, .window(length: 100), .full, .full, .full, .full, .full])

    @Test(arguments: StoragePair.allCases, [Growth.dynamic, .reserved(tokenCount: 600)])
    func residentBytesArePlannedBytes(storage: StoragePair, growth: Growth) throws {
        let folder = try TemporaryDirectory()
        let configuration = try storage.configuration(
            growth: growth, placement: .disk(directory: folder.path))
        let pool = PagePool()
        let cache = try SequenceCache(configuration, layers: shape.layers, pool: pool)
        let driver = Driver(shape)
        for step in 0..<40 {
            let count = [1, 30, 7, 90, 64][step % 5]
            guard cache.tokenCount + count <= 600 else { break }
            try cache.reserve(count)
            let planned = cache.plan.byteCount(tokenCount: cache.tokenCount, newTokenCount: count)
            #expect(cache.byteCount == planned, "token \(cache.tokenCount) + \(count)")
            #expect(pool.usage.live == planned)
            try driver.append(Token.sequence(count), to: cache)
            try cache.finishTransfers()
            let stored = cache.plan.layers.reduce(0) { $0 + $1.pages(tokenCount: cache.tokenCount).stored }
            #expect(cache.report.reduce(0) { $0 + $1.storedPageCount } == stored)
        }
        // In memory the same cache takes several times as much.
        let inMemory = try CachePlan(storage.configuration(growth: .dynamic), layers: shape.layers)
        #expect(cache.tokenCount > 500)
        if growth == .dynamic, storage == .exact {
            let whole = try #require(inMemory.byteCount(tokenCount: cache.tokenCount))
            #expect(cache.byteCount < whole * 2 / 3)
        }
    }

    @Test func aFileThatIsCutShortIsAnErrorNotANumber() throws {
        let (cache, driver, _) = try filled()
        #expect(ftruncate(try #require(cache.pageFileDescriptor), 5_000) == 0)
        let before = cache.tokenCount
        #expect(throws: CacheError.self) { try driver.pass([(cache, Token.sequence(1))]) }
        #expect(cache.tokenCount == before)
    }

    @Test func aFlippedBitIsAnErrorNotANumber() throws {
        let (cache, driver, _) = try filled()
        let descriptor = try #require(cache.pageFileDescriptor)
        var byte: UInt8 = 0
        #expect(pread(descriptor, &byte, 1, 4_096 * 3 + 77) == 1)
        byte ^= 0x10
        #expect(pwrite(descriptor, &byte, 1, 4_096 * 3 + 77) == 1)
        let before = cache.tokenCount
        do {
            _ = try driver.pass([(cache, Token.sequence(1))])
            Issue.record("a damaged page was attended to")
        } catch let error as CacheError {
            guard case .damagedPage = error else { throw error }
        }
        // Repaired, the cache goes on as if nothing had been.
        byte ^= 0x10
        #expect(pwrite(descriptor, &byte, 1, 4_096 * 3 + 77) == 1)
        #expect(cache.tokenCount == before)
        let (twin, _, _) = try filled()
        let output = try driver.pass([(cache, Token.sequence(1))])[0]
        #expect(output.bits == (try Driver(shape).pass([(twin, Token.sequence(1))]))[0].bits)
    }

    @Test func aForkWritesToNoRoomOfItsOrigins() throws {
        let (cache, driver, _) = try filled()
        // Room on disk is set aside for pages that the pass would have sealed, had it not been given up.
        try driver.abandon([(cache, Token.poison(100))])
        let fork = try cache.fork()
        let (own, forks) = (Token.sequence(90, seed: 2), Token.sequence(90, seed: 3))
        _ = try driver.feed(own, to: cache, chunk: 90)
        _ = try driver.feed(forks, to: fork, chunk: 90)
        for (cache, tokens) in [(cache, own), (fork, forks)] {
            let (twin, _, _) = try filled()
            _ = try driver.feed(tokens, to: twin, chunk: 90)
            for layer in shape.retentions.indices {
                #expect((try cache.read(layer: layer)) == (try twin.read(layer: layer)), "layer \(layer)")
            }
        }
    }

    @Test func aDirectoryThatIsNotThereIsNamed() throws {
        let configuration = try CacheConfiguration(placement: .disk(directory: "/nowhere/at/all"))
        do {
            _ = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
            Issue.record("a cache was made")
        } catch {
            #expect(error.message.contains("/nowhere/at/all"))
        }
    }

    @Test func nothingIsLeftInTheDirectory() throws {
        let (cache, _, folder) = try filled()
        #expect(cache.storedByteCount > 0)
        let directory = try #require(opendir(folder.path))
        defer { closedir(directory) }
        var names = 0
        while readdir(directory) != nil { names += 1 }
        #expect(names == 2, "only . and ..")
    }

    private func filled() throws -> (SequenceCache, Driver, TemporaryDirectory) {
        let folder = try TemporaryDirectory()
        let configuration = try CacheConfiguration(placement: .disk(directory: folder.path))
        let cache = try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
        let driver = Driver(shape)
        _ = try driver.feed(Token.sequence(300), to: cache, chunk: 100)
        try cache.finishTransfers()
        return (cache, driver, folder)
    }
}
