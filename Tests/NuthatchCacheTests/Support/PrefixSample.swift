import NuthatchCache
import NuthatchTensors

/// Roots, pages and columns for tests of prefixes. A payload is a number.
enum PrefixSample {
    static func identity(
        weights: UInt8 = 1, tokenizer: UInt8 = 2, positions: UInt8 = 3, configuration: UInt8 = 4
    ) -> SnapshotIdentity {
        func part(_ byte: UInt8) -> SnapshotIdentity.Part {
            SnapshotIdentity.Part(digest: Array(repeating: byte, count: 32), description: "\(byte)")
        }
        return SnapshotIdentity(
            weights: part(weights), tokenizer: part(tokenizer), positions: part(positions),
            configuration: part(configuration))
    }

    static func root(_ salt: String = "", pageLength: Int = 64) -> PageName {
        PageName(root: identity(), pageLength: pageLength, salt: Array(salt.utf8))
    }

    static func image(_ start: Int, _ rowCount: Int, _ columnCount: Int, _ digest: UInt8) -> TokenGrid {
        TokenGrid(
            start: start, rowCount: rowCount, columnCount: columnCount,
            content: GridContent(digest: Array(repeating: digest, count: 32)))
    }

    static func images(_ all: [TokenGrid]) -> SequenceGrids {
        var images = SequenceGrids()
        for image in all { images.append(image) }
        return images
    }

    /// What an open cache of layers of these retentions needs.
    static func needs(
        _ retentions: [Retention] = [.full], pageLength: Int = 64, guaranteedRewind: Int = 0
    ) throws -> PrefixNeeds? {
        PrefixNeeds(
            try CacheConfiguration(pageLength: pageLength, guaranteedRewind: guaranteedRewind),
            retentions: retentions)
    }

    static func tokens(_ count: Int, seed: Int = 0) -> [TokenID] {
        (0..<count).map { TokenID(($0 * 7_919 + seed * 104_729) % 32_000) }
    }
}

extension PrefixIndex where Payload == Int {
    /// Inserts the whole pages of a sequence, payloads from `payload` on, 100 bytes each.
    ///
    /// - Parameter kinds: those of each page; every kind where there are none.
    /// - Returns: the names of its pages, and what became of each.
    @discardableResult
    mutating func insertPages(
        of tokens: [TokenID], images: SequenceGrids = SequenceGrids(), root: PageName, needs: PrefixNeeds,
        payload: Int = 0, kinds: [PageKinds] = []
    ) -> (names: [PageName], insertions: [PrefixInsertion<Int>]) {
        let pages = 0..<tokens.count / needs.pageLength
        let names = PageName.chain(
            behind: root, pages: pages, pageLength: needs.pageLength, tokens: tokens, images: images)
        let insertions = pages.map { number in
            insert(
                PageContent(number: number, pageLength: needs.pageLength, tokens: tokens, images: images),
                named: names[number], parent: number == 0 ? root : names[number - 1],
                payload: payload + number, byteCount: 100,
                kinds: number < kinds.count ? kinds[number] : needs.all)
        }
        return (names, insertions)
    }
}
