import NuthatchCache
import NuthatchTestSupport
import Testing

@Suite struct ChecksumTests {
    /// Around the lines of 32 bytes and their words, and past the block of 2 MiB.
    static let byteCounts = [0, 1, 3, 4, 5, 31, 32, 33, 63, 64, 65, 100, 256, 1000, 4096, 49_152]
    static let blockByteCount = 2 << 20

    static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var numbers = NuthatchTestSupport.SeededGenerator(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
    }

    func checksum(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { PageChecksum.of($0, seed: seed) }
    }

    // MARK: The definition

    /// The construction as `checksum.c` describes it, word by word.
    func twin(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
        func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
            var hash = hash ^ value
            hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
            hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
            return hash ^ hash >> 31
        }
        var hash = mix(mix(0x9e37_79b9_7f4a_7c15, seed), UInt64(bytes.count))
        for start in stride(from: 0, to: max(bytes.count, 1), by: Self.blockByteCount) {
            let block = bytes[start..<min(start + Self.blockByteCount, bytes.count)]
            var sums = [UInt64](repeating: 0, count: 8)
            var moments = sums
            for line in stride(from: block.startIndex, to: block.endIndex, by: 32) {
                for column in 0..<8 {
                    for byte in 0..<4 where line + column * 4 + byte < block.endIndex {
                        sums[column] += UInt64(block[line + column * 4 + byte]) << (8 * byte)
                    }
                    moments[column] += sums[column]
                }
            }
            for column in 0..<8 { hash = mix(mix(hash, sums[column]), moments[column]) }
        }
        return hash
    }

    @Test func itIsWhatItsDefinitionSays() {
        for count in Self.byteCounts + [Self.blockByteCount, 2 * Self.blockByteCount + 77] {
            for seed: UInt64 in [0, 1, 4096, .max] {
                let page = Self.bytes(count)
                #expect(checksum(page, seed: seed) == twin(page, seed: seed), "\(count) bytes, seed \(seed)")
            }
        }
        let ones = [UInt8](repeating: 0xff, count: Self.blockByteCount + 40)
        #expect(checksum(ones) == twin(ones, seed: 0), "the largest sums")
    }

    /// Saved caches hold these numbers: they may never change.
    @Test func knownVectors() {
        #expect(checksum([]) == 0x9169_88b8_3b63_547e)
        #expect(checksum([1]) == 0x30ed_ca60_0aec_1e80)
        #expect(checksum(Array(0...255)) == 0xc8b6_4c2f_84d3_11bc)
        #expect(checksum(Array(0...255), seed: 4096) == 0x5146_5c40_ec91_14c3)
    }

    @Test func whereTheBytesLieInMemoryDoesNotMatter() {
        let page = Self.bytes(1000)
        for shift in 1..<64 {
            let shifted = [UInt8](repeating: 0, count: shift) + page
            let found = shifted.withUnsafeBytes { bytes in
                PageChecksum.of(UnsafeRawBufferPointer(rebasing: bytes[shift...]), seed: 0)
            }
            #expect(found == checksum(page))
        }
    }

    // MARK: What it detects

    @Test func everySingleFlippedBitChangesIt() {
        for count in Self.byteCounts.filter({ $0 <= 4096 }) {
            var page = Self.bytes(count)
            let right = checksum(page)
            for bit in 0..<count * 8 {
                page[bit / 8] ^= 1 << (bit % 8)
                #expect(checksum(page) != right, "bit \(bit) of \(count) bytes")
                page[bit / 8] ^= 1 << (bit % 8)
            }
        }
    }

    @Test func everyFlippedByteOfALargePageChangesIt() {
        var page = Self.bytes(49_152)
        let right = checksum(page)
        for index in page.indices {
            page[index] ^= 0x80
            #expect(checksum(page) != right, "byte \(index)")
            page[index] ^= 0x80
        }
    }

    /// Sums modulo 2^64 alone would miss the same top bit flipped in two lines at an even distance.
    @Test func theSameBitFlippedTwiceChangesIt() {
        var numbers = NuthatchTestSupport.SeededGenerator(seed: 2)
        var page = Self.bytes(4096)
        let right = checksum(page)
        for bit in 0..<256 {
            for _ in 0..<40 {
                let first = Int.random(in: 0..<127, using: &numbers)
                let second = Int.random(in: first + 1..<128, using: &numbers)
                for line in [first, second] { page[line * 32 + bit / 8] ^= 1 << (bit % 8) }
                #expect(checksum(page) != right, "bit \(bit) of lines \(first) and \(second)")
                for line in [first, second] { page[line * 32 + bit / 8] ^= 1 << (bit % 8) }
            }
        }
    }

    @Test func anyTwoLinesThatChangePlacesChangeIt() {
        let page = Self.bytes(4096)
        let right = checksum(page)
        for first in 0..<64 {
            for second in first + 1..<64 {
                var swapped = page
                for byte in 0..<64 { swapped.swapAt(first * 64 + byte, second * 64 + byte) }
                #expect(checksum(swapped) != right, "lines \(first) and \(second)")
            }
        }
    }

    @Test func theBytesOfAnotherPlaceDoNotPass() {
        let page = Self.bytes(4096)
        let checksums = Set((0..<1000).map { checksum(page, seed: UInt64($0) * 4096) })
        #expect(checksums.count == 1000)
    }

    @Test func tornShortAndEmptyPagesDoNotPass() {
        let page = Self.bytes(4096)
        let old = Self.bytes(4096, seed: 3)
        let right = checksum(page)
        var found: Set<UInt64> = [right]
        for end in stride(from: 0, to: 4096, by: 32) {
            #expect(found.insert(checksum(Array(page[..<end]))).inserted, "cut at \(end)")
            let zeros = [UInt8](repeating: 0, count: 4096 - end)
            #expect(found.insert(checksum(Array(page[..<end]) + zeros)).inserted, "zeros from \(end)")
            if end > 0 {
                #expect(found.insert(checksum(Array(page[..<end]) + old[end...])).inserted, "torn at \(end)")
            }
        }
    }

    @Test func zerosOfEveryLengthDiffer() {
        let checksums = Set((0..<2000).map { checksum([UInt8](repeating: 0, count: $0)) })
        #expect(checksums.count == 2000)
    }
}
