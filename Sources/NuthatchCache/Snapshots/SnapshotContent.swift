/// What a saved cache holds beside its pages' bytes.
package struct SnapshotContent: Sendable, Equatable {
    /// Tokens that every layer has seen.
    package var tokenCount: Int
    /// Ids of the tokens, as far as whoever saves knows them.
    package var tokens: [Int32]
    /// For each layer its lists, in the order their pages are written and read.
    package var layers: [[SnapshotPageList]]
    /// The images among the tokens.
    package var grids: SequenceGrids

    package init(
        tokenCount: Int, tokens: [Int32], layers: [[SnapshotPageList]], grids: SequenceGrids = SequenceGrids()
    ) {
        self.tokenCount = tokenCount
        self.tokens = tokens
        self.layers = layers
        self.grids = grids
    }

    /// The first field that no saved cache can have; nil if there is none.
    var impossibleField: String? {
        if !(0...CacheLimits.tokenCount).contains(tokenCount) { return "token count" }
        if tokens.count > SnapshotLimits.tokenIDCount { return "number of token ids" }
        if layers.count > CacheLimits.layerCount { return "number of layers" }
        if grids.all.count > SnapshotLimits.imageCount { return "number of images" }
        if layers.contains(where: { $0.count > SnapshotLimits.listCount }) { return "number of lists" }
        return layers.joined().lazy.compactMap(\.impossibleField).first
    }
}

/// Pages of one layer, adjacent in number and equal in form.
package struct SnapshotPageList: Sendable, Equatable {
    /// What the pages are to their layer ("sealed", "open"): lower-case letters, digits and hyphens.
    package var name: String
    /// The number of the first page; the others follow.
    package var firstPage: Int
    package var pageByteCount: Int
    package var pageCount: Int

    package init(name: String, firstPage: Int, pageByteCount: Int, pageCount: Int) {
        self.name = name
        self.firstPage = firstPage
        self.pageByteCount = pageByteCount
        self.pageCount = pageCount
    }

    var impossibleField: String? {
        let isPlain = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        if !isPlain || !(1...SnapshotLimits.nameByteCount).contains(name.utf8.count) {
            return "name of a list"
        }
        if !(0...CacheLimits.tokenCount).contains(firstPage) { return "first page of a list" }
        if !(1...SnapshotLimits.pageByteCount).contains(pageByteCount) { return "page size" }
        if !(0...SnapshotLimits.pageCount).contains(pageCount) { return "number of pages" }
        return nil
    }
}

/// Sizes no saved cache exceeds, checked before anything is allocated.
package enum SnapshotLimits {
    /// 64 MiB, almost all of it checksums of pages.
    package static let headerByteCount = 1 << 26
    /// As many as a header has room for.
    package static let pageCount = headerByteCount / 8
    /// 1 GiB: a page of 4,096 slots, 128 heads and 256 dimensions of keys and of values, in f32.
    package static let pageByteCount = 1 << 30
    /// 67 million tokens, 256 MiB.
    package static let tokenIDCount = 1 << 26
    /// Images among a sequence's tokens: one for every 64 of a million tokens.
    package static let imageCount = 1 << 14
    /// The number of lists of one layer.
    package static let listCount = 64
    package static let nameByteCount = 32
}
