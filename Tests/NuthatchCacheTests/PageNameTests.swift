import Foundation
import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// What a page is called: everything that decides its bits, and nothing else.
@Suite struct PageNameTests {
    private struct Golden: Decodable {
        struct Chain: Decodable {
            let pageLength: Int
            let salt: [UInt8]
            let tokens: [TokenID]
            let images: [[Int]]
            let root: String
            let names: [String]
        }

        let chains: [Chain]
    }

    private let tokens = PrefixSample.tokens(200)

    private func name(_ tokens: [TokenID], _ images: [TokenGrid] = [], page: Int = 0) -> PageName {
        let parent = page == 0 ? PrefixSample.root() : PageName(bytes: Array(repeating: 5, count: 32))
        return PageName(
            parent: parent,
            page: PageContent(
                number: page, pageLength: 64, tokens: tokens, images: PrefixSample.images(images)))
    }

    /// See Scripts/goldens/page_names.py.
    @Test func namesAreThoseThatHashlibGives() throws {
        let url = URL(fileURLWithPath: Goldens.path("page-names.json"))
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        #expect(golden.chains.count == 4)
        for chain in golden.chains {
            let root = PageName(
                root: PrefixSample.identity(), pageLength: chain.pageLength, salt: chain.salt)
            #expect(root.description == chain.root)
            let images = chain.images.map { PrefixSample.image($0[0], $0[1], $0[2], UInt8($0[3])) }
            let names = PageName.chain(
                behind: root, pages: 0..<chain.names.count, pageLength: chain.pageLength,
                tokens: chain.tokens, images: PrefixSample.images(images))
            #expect(names.map(\.description) == chain.names)
        }
    }

    @Test func aNameIsItsBytes() {
        let bytes = (0..<32).map { UInt8($0 * 8) }
        #expect(PageName(bytes: bytes).bytes == bytes)
        #expect(PageName(bytes: bytes).description.hasPrefix("0008101820"))
        #expect(PageName(bytes: bytes).description.count == 64)
    }

    @Test func everythingThatDecidesTheBitsChangesTheRoot() {
        let identities = [
            PrefixSample.identity(), PrefixSample.identity(weights: 9), PrefixSample.identity(tokenizer: 9),
            PrefixSample.identity(positions: 9), PrefixSample.identity(configuration: 9),
            // The same digests, each for another thing.
            PrefixSample.identity(weights: 2, tokenizer: 1),
        ]
        var roots = Set(identities.map { PageName(root: $0, pageLength: 64, salt: []) })
        roots.insert(PageName(root: identities[0], pageLength: 128, salt: []))
        roots.insert(PageName(root: identities[0], pageLength: 64, salt: [0]))
        roots.insert(PageName(root: identities[0], pageLength: 64, salt: [0, 0]))
        roots.insert(PageName(root: identities[0], pageLength: 64, salt: Array("a".utf8)))
        #expect(roots.count == identities.count + 4)
    }

    @Test func aTokenMoreLessOrAnotherChangesTheName() {
        var changed = Array(tokens[..<64])
        changed[63] += 1
        let names: Set = [
            name(Array(tokens[..<64])), name(changed), name(Array(tokens[..<63])),
            name(Array(tokens[..<63]) + [0]), name(tokens.map { $0 &+ .max }),
        ]
        #expect(names.count == 5)
        #expect(name(tokens) == name(Array(tokens[..<64])), "what comes behind a page is nothing to it")
    }

    @Test func whatAnImageIsAndWhereChangesTheName() {
        let images = [
            [], [PrefixSample.image(3, 2, 6, 1)], [PrefixSample.image(3, 2, 6, 2)],
            [PrefixSample.image(3, 6, 2, 1)], [PrefixSample.image(4, 2, 6, 1)],
            [PrefixSample.image(3, 2, 6, 1), PrefixSample.image(15, 1, 1, 1)],
        ]
        #expect(Set(images.map { name(tokens, $0) }).count == images.count)
    }

    @Test func anImageCountsInEveryPageThatItReachesInto() {
        // Positions 60 to 139: the end of page 0, all of page 1, the beginning of page 2.
        let image = PrefixSample.image(60, 8, 10, 1)
        let other = PrefixSample.image(60, 8, 10, 2)
        for page in 0..<3 { #expect(name(tokens, [image], page: page) != name(tokens, [other], page: page)) }
        // Up to its last slot, and from its first.
        let before = PrefixSample.image(32, 4, 8, 1)
        let behind = PrefixSample.image(128, 1, 1, 1)
        #expect(name(tokens, [before], page: 0) != name(tokens, [], page: 0))
        #expect(name(tokens, [before, behind], page: 1) == name(tokens, [], page: 1))
        #expect(name(tokens, [behind], page: 2) != name(tokens, [], page: 2))
    }

    @Test func aChainGoesOnFromWhereItWasLeft() {
        let root = PrefixSample.root()
        let whole = PageName.chain(behind: root, pages: 0..<3, pageLength: 64, tokens: tokens)
        let rest = PageName.chain(behind: whole[0], pages: 1..<3, pageLength: 64, tokens: tokens)
        #expect(Array(whole[1...]) == rest)
        #expect(Set(whole).count == 3)
        // The same tokens elsewhere, or behind others, are another page.
        let repeated = Array(repeating: TokenID(5), count: 128)
        #expect(Set(PageName.chain(behind: root, pages: 0..<2, pageLength: 64, tokens: repeated)).count == 2)
    }
}
