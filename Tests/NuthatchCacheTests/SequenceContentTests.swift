import NuthatchCache
import NuthatchTensors
import Testing

@Suite struct SequenceContentTests {
    private func image(_ start: Int, _ rowCount: Int = 2, _ columnCount: Int = 3, content: UInt8 = 1)
        -> TokenGrid
    {
        TokenGrid(
            start: start, rowCount: rowCount, columnCount: columnCount,
            content: GridContent(digest: Array(repeating: content, count: GridContent.digestByteCount)))
    }

    @Test("The common prefix of texts is their equal beginning", arguments: [0, 1, 63, 64, 65, 100])
    func textPrefix(length: Int) {
        let all = (0..<100).map { TokenID($0) }
        let text = SequenceContent(all)
        var other = Array(all.prefix(length))
        #expect(text.commonPrefix(with: SequenceContent(other)) == length)
        #expect(SequenceContent(other).commonPrefix(with: text) == length)
        other.append(1_000)
        #expect(text.commonPrefix(with: SequenceContent(other)) == length)
    }

    @Test("Tokens of unlike images differ from the image's first, though their ids are equal")
    func imagePrefix() {
        let tokens = Array(repeating: TokenID(7), count: 30)
        let first = SequenceContent(tokens, images: [image(2), image(10)])
        for (images, expected) in [
            ([image(2), image(10)], 30), ([image(2), image(10, content: 2)], 10),
            ([image(2), image(10, 3, 2)], 10), ([image(2), image(12)], 10), ([image(2)], 10),
            ([image(2, content: 2), image(10)], 2), ([], 2),
        ] {
            let other = SequenceContent(tokens, images: images)
            #expect(first.commonPrefix(with: other) == expected)
            #expect(other.commonPrefix(with: first) == expected)
        }
    }

    @Test("A cut forgets the images that begin behind it, and keeps one that it goes through")
    func truncate() {
        var content = SequenceContent(Array(repeating: 7, count: 30), images: [image(2), image(10)])
        content.truncate(to: 12)
        #expect(content.tokenCount == 12 && content.images.all == [image(2), image(10)])
        content.truncate(to: 10)
        #expect(content.images.all == [image(2)])
        content.truncate(to: 0)
        #expect(content == SequenceContent())
    }

    @Test("A cache's content grows by commits alone, and every verb moves it with keys and values")
    func contentOfACache() throws {
        let shape = Shape(retentions: [.full, .window(length: 120)])
        let driver = Driver(shape)
        let cache = try SequenceCache(try CacheConfiguration(), layers: shape.layers, pool: PagePool())
        let tokens = Token.sequence(150)
        try driver.append(Array(tokens.prefix(100)), to: cache)
        try cache.reserve(20)
        #expect(cache.content.tokens == Array(Array(tokens.prefix(100)).ids))
        let fork = try cache.fork()
        try driver.append(Array(tokens[100...]), to: fork)
        #expect(fork.content.tokens == Array(tokens.ids))
        #expect(cache.content.commonPrefix(with: fork.content) == 100)
        _ = fork.truncate(to: 96)
        #expect(fork.content.tokens == Array(tokens.ids.prefix(96)))
        fork.reset()
        #expect(fork.content.isEmpty && cache.tokenCount == 100)
    }
}
