import NuthatchCache
import NuthatchTestSupport
import Testing

/// Files that nobody saved: each is refused with a sentence, or is the content that was saved.
@Suite struct SnapshotHostilityTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    static let sample = SnapshotSample.small
    static let file = sample.bytesByTheBook

    /// Reads the file; nil where it was refused.
    func content(of bytes: [UInt8]) throws -> SnapshotSample? {
        let path = "\(directory.path)/chat.cache"
        try FileDamage.replaceFile(at: path, with: bytes)
        do {
            return try SnapshotSample(reading: path, expecting: Self.sample.identity)
        } catch let error as CacheError {
            guard case .snapshotRefused(path, _) = error else { throw error }
            return nil
        }
    }

    @Test(arguments: 0..<8)
    func anythingDoneToAFileIsNoticedOrHarmless(seed: UInt64) throws {
        var numbers = NuthatchTestSupport.SeededGenerator(seed: seed)
        for round in 0..<400 {
            var bytes = Self.file
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                Self.mutate(&bytes, round % 8, &numbers)
            }
            let content = try content(of: bytes)
            #expect(content == nil || content == Self.sample, "seed \(seed), round \(round)")
        }
    }

    /// Every byte of what describes the content, so that no field goes unchecked.
    @Test func everyFlippedBitOfTheHeaderIsRefused() throws {
        let headerCount = Int(Self.file[16]) | Int(Self.file[17]) << 8
        for offset in 0..<48 + headerCount {
            var bytes = Self.file
            bytes[offset] ^= 1 << (offset % 8)
            #expect(try content(of: bytes) == nil, "byte \(offset)")
        }
    }

    /// With checksums made right again, so that everything behind them is met.
    @Test(arguments: 0..<8)
    func fieldsThatLieTrapNowhere(seed: UInt64) throws {
        var numbers = NuthatchTestSupport.SeededGenerator(seed: seed)
        let headerCount = Int(Self.file[16]) | Int(Self.file[17]) << 8
        let extremes: [UInt64] = [
            0, 1, 7, 255, 4095, 4096, 1 << 26, 1 << 30, 1 << 31, 1 << 32, 1 << 40, 1 << 62, 1 << 63,
            .max - 4095, .max,
        ]
        for round in 0..<300 {
            var bytes = Self.file
            for _ in 0..<Int.random(in: 1...2, using: &numbers) {
                let offset = Int.random(in: 8..<48 + headerCount, using: &numbers)
                let value = extremes[Int.random(in: 0..<extremes.count, using: &numbers)]
                let width = Bool.random(using: &numbers) ? 4 : 8
                for byte in 0..<width where offset + byte < bytes.count {
                    bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))
                }
            }
            guard let content = try content(of: SnapshotSample.sealed(bytes)) else { continue }
            // A name, a description or a position may say something else; sizes and places may not.
            #expect(content.pages == Self.sample.pages, "seed \(seed), round \(round)")
            #expect(content.content.tokens == Self.sample.content.tokens, "seed \(seed), round \(round)")
        }
    }

    /// The length of a header or a list is a promise that the file itself must keep.
    @Test func hugeCountsAreRefusedBeforeTheirMemoryIsTaken() throws {
        let identityCount = SnapshotIdentity.Aspect.allCases.reduce(0) {
            $0 + 36 + Self.sample.identity[$1].description.utf8.count
        }
        let tokenCount = 48 + identityCount
        let firstRun = tokenCount + 36 + 4
        let pageCount = firstRun + 4 + "sealed".utf8.count + 16
        for (offset, width) in [
            (16, 8), (24, 8), (tokenCount, 8), (tokenCount + 8, 8), (tokenCount + 16, 8),
            (tokenCount + 32, 4),
            (firstRun - 4, 4), (firstRun, 4), (firstRun + 10, 8), (firstRun + 18, 8), (pageCount, 8),
            (pageCount + 8, 8),
        ] {
            for value: UInt64 in [1 << 31, 1 << 40, 1 << 62, .max] {
                var bytes = Self.file
                for byte in 0..<width {
                    bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))
                }
                guard bytes != Self.file else { continue }
                let isRefused = try content(of: SnapshotSample.sealed(bytes)) == nil
                // A token count of 2^31 is one a cache can have, and so is that page.
                let isPossible = value == 1 << 31 && (offset == tokenCount || offset == firstRun + 10)
                #expect(isRefused || isPossible, "\(value) at \(offset)")
            }
        }
    }

    /// One way of damaging a file, by its number.
    static func mutate(
        _ bytes: inout [UInt8], _ kind: Int, _ numbers: inout NuthatchTestSupport.SeededGenerator
    ) {
        guard !bytes.isEmpty else { return }
        let offset = Int.random(in: 0..<bytes.count, using: &numbers)
        switch kind {
        case 0: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 1: bytes[offset] = UInt8.random(in: 0...255, using: &numbers)
        case 2: bytes.removeSubrange(offset...)
        case 3: bytes += [UInt8](repeating: 0, count: offset % 9000 + 1)
        case 4:
            let other = Int.random(in: 0..<bytes.count / 4096, using: &numbers) * 4096
            let page = min(offset / 4096, bytes.count / 4096 - 1) * 4096
            guard bytes.count >= 4096 else { return }
            for byte in 0..<4096 { bytes.swapAt(page + byte, other + byte) }
        case 5:
            let start = offset / 4096 * 4096
            for byte in start..<min(start + 4096, bytes.count) { bytes[byte] = 0 }
        case 6: bytes.remove(at: offset)
        default:
            let place = offset % min(600, bytes.count)
            for byte in place..<min(place + 8, bytes.count) { bytes[byte] = .max }
        }
    }
}
