/// Where everything lies in a saved cache: a file of version 1.
///
///     0          48        48 + H        T * 4096        P * 4096                            end = E * 4096
///     | preamble | header  | zeros       | token ids |   | page | zeros | page | zeros | ... |
///
/// Numbers are little-endian; u32 and u64 are unsigned. A checksum is `nuthatch_checksum` (checksum.c) of the
/// bytes, seeded with their offset in the file, so that a page in another's place does not pass.
///
///     preamble   8 bytes  89 4E 55 54 4B 56 0D 0A: no text, and noticed if it was sent as one
///                u32      version, 1
///                u32      4096, the multiple at which token ids and pages start
///                u64      H, bytes of the header
///                u64      bytes of the file
///                u64      checksum of the header
///                u64      checksum of the 40 bytes before
///
///     header     4 times, for weights, tokenizer, positions, configuration:
///                    32 bytes   digest
///                    text       description
///                u64      tokens that every layer has seen
///                u64      number of token ids
///                u64      offset of the token ids, each a signed 32-bit number
///                u64      checksum of the token ids
///                u32      number of layers, and for each
///                    u32      number of lists, and for each
///                        text     name
///                        u64      number of the first page
///                        u64      bytes of a page
///                        u64      number of pages
///                        u64      offset of the first page; the others follow, each at the next multiple
///                        u64      for each page, its checksum
///                where images are among the tokens, and else nothing:
///                u32      number of images, and for each
///                    u64      position of its first token
///                    u64      rows of tokens
///                    u64      tokens of a row
///                    32 bytes digest of what it shows
///
///     text       u32      bytes
///                bytes    UTF-8
///
/// Token ids come first, then the lists in the order of the header, with no more room between them than the
/// multiples ask for, and the file ends at a multiple. So everything can be mapped, and nothing overlaps.
/// A page's bytes are those of memory: `PageLayout` says what they mean.
struct SnapshotLayout: Equatable {
    static let magic: [UInt8] = [0x89, 0x4E, 0x55, 0x54, 0x4B, 0x56, 0x0D, 0x0A]
    static let version = 1
    static let alignment = 4096
    static let preambleByteCount = 48
    static let checkedPreambleByteCount = 40

    let tokensOffset: Int
    /// Offsets of each list's first page, by layer.
    let listOffsets: [[Int]]
    let byteCount: Int

    /// Nil where the file would be longer than any.
    init?(headerByteCount: Int, tokenIDCount: Int, layers: [[SnapshotPageList]]) {
        var end = Self.preambleByteCount + headerByteCount
        /// Reserves `count` times `byteCount` bytes and returns the offset of the first.
        func place(_ count: Int, _ byteCount: Int) -> Int? {
            let offset = Self.aligned(end)
            let (size, isTooMany) = Self.aligned(byteCount).multipliedReportingOverflow(by: count)
            let (sum, isTooLong) = offset.addingReportingOverflow(size)
            guard !isTooMany, !isTooLong, sum <= Int.max / 2 else { return nil }
            end = sum
            return offset
        }
        guard let tokensOffset = place(1, tokenIDCount * 4) else { return nil }
        var listOffsets: [[Int]] = []
        for lists in layers {
            var offsets: [Int] = []
            for list in lists {
                guard let offset = place(list.pageCount, list.pageByteCount) else { return nil }
                offsets.append(offset)
            }
            listOffsets.append(offsets)
        }
        self.tokensOffset = tokensOffset
        self.listOffsets = listOffsets
        byteCount = Self.aligned(end)
    }

    func pageOffset(layer: Int, list: Int, page: Int, byteCount: Int) -> Int {
        listOffsets[layer][list] + page * Self.aligned(byteCount)
    }

    static func checksum(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { PageChecksum.of($0, seed: UInt64(offset)) }
    }

    private static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}
