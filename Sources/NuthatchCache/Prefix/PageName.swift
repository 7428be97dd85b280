internal import Crypto
package import NuthatchTensors

/// What a page is known by: SHA-256 over all that decides its bits.
///
/// Names form chains. A root names what holds for a whole sequence, a page's name its parent's name and its own
/// tokens and images; so equal names mean equal beginnings, from position 0 on. The bytes that are hashed, numbers
/// little-endian:
///
///     root    "nuthatch root 1\n" | page length, 32 bit | digests of weights, tokenizer, positions and
///             configuration, 32 bytes each | bytes of salt, 64 bit | salt
///     page    "nuthatch page 1\n" | name of the parent, 32 bytes | tokens, 32 bit | each id, 32 bit |
///             images, 32 bit | each one's digest, 32 bytes, start, rows and columns, 64 bit each
///
/// Every field has a fixed length or is preceded by it, and the two kinds begin differently: no two inputs give one
/// stream of bytes.
package struct PageName: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32

    /// The digest's bytes from the first on, eight to a word, the first of them lowest.
    private let words: SIMD4<UInt64>

    package init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount, "a page's name has 32 bytes")
        var words = SIMD4<UInt64>()
        for (index, byte) in bytes.enumerated() {
            words[index / 8] |= UInt64(byte) << UInt64(8 * (index % 8))
        }
        self.words = words
    }

    /// The name that stands before a sequence's first page.
    ///
    /// - Parameters:
    ///   - identity: weights, tokenizer, positions, and the cache's form (`SequenceCache.formDescription`).
    ///   - salt: who may share. Sequences under different salts never find each other's pages.
    package init(root identity: SnapshotIdentity, pageLength: Int, salt: [UInt8]) {
        var fields = SnapshotFieldWriter()
        fields.append("nuthatch root 1\n".utf8)
        fields.append32(pageLength)
        for aspect in [SnapshotIdentity.Aspect.weights, .tokenizer, .positions, .configuration] {
            fields.append(identity[aspect].digest)
        }
        fields.append64(salt.count)
        fields.append(salt)
        self.init(hashing: fields.bytes)
    }

    /// The name of a page behind its parent: the page before it, or the root.
    package init(parent: PageName, page: PageContent) {
        var fields = SnapshotFieldWriter()
        fields.append("nuthatch page 1\n".utf8)
        fields.append(parent.bytes)
        fields.append32(page.tokens.count)
        for token in page.tokens { fields.append32(Int(token)) }
        fields.append32(page.images.count)
        for image in page.images {
            fields.append(image.content.digest)
            fields.append64(image.start)
            fields.append64(image.rowCount)
            fields.append64(image.columnCount)
        }
        self.init(hashing: fields.bytes)
    }

    private init(hashing bytes: [UInt8]) {
        self.init(bytes: Array(SHA256.hash(data: bytes)))
    }

    package var bytes: [UInt8] {
        (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(8 * ($0 % 8))) }
    }

    /// The first 64 of its bits: enough to wake those who wait for it, not to find it by.
    package var shortKey: UInt64 { words[0] }

    /// 64 hexadecimal digits.
    package var description: String { Hexadecimal.text(bytes) }

    /// Names of consecutive pages of a sequence; each is whole.
    ///
    /// - Parameter parent: the name of the page before the first of them, or the root.
    package static func chain(
        behind parent: PageName, pages: Range<Int>, pageLength: Int, tokens: [TokenID],
        images: SequenceGrids = SequenceGrids()
    ) -> [PageName] {
        precondition(pages.upperBound * pageLength <= tokens.count, "only whole pages have names")
        var names: [PageName] = []
        names.reserveCapacity(pages.count)
        for number in pages {
            let page = PageContent(number: number, pageLength: pageLength, tokens: tokens, images: images)
            names.append(PageName(parent: names.last ?? parent, page: page))
        }
        return names
    }
}
