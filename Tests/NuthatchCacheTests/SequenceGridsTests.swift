import NuthatchCache
import NuthatchTestSupport
import Testing

/// Images among a sequence's tokens: where they put them, and that a cache keeps them in step with its tokens.
@Suite struct SequenceGridsTests {
    private func grid(_ start: Int, _ rows: Int, _ columns: Int, content: UInt8 = 1) -> TokenGrid {
        TokenGrid(
            start: start, rowCount: rows, columnCount: columns,
            content: GridContent(digest: Array(repeating: content, count: 32)))
    }

    private func positions(_ grids: SequenceGrids, _ count: Int) -> [[Int]] {
        (0..<count).map { index in
            let position = grids.position(of: index)
            return [position.time, position.row, position.column]
        }
    }

    @Test("Text alone stands where it is")
    func text() {
        #expect(positions(SequenceGrids(), 3) == [[0, 0, 0], [1, 1, 1], [2, 2, 2]])
    }

    /// Worked out by hand from the paper's rule.
    @Test("Behind an image text goes on from its longer side, image after image")
    func images() {
        var grids = SequenceGrids()
        grids.append(grid(1, 2, 3))
        grids.append(grid(8, 2, 1))
        #expect(
            positions(grids, 12) == [
                [0, 0, 0],
                [1, 1, 1], [1, 1, 2], [1, 1, 3], [1, 2, 1], [1, 2, 2], [1, 2, 3],
                [4, 4, 4],
                [5, 5, 5], [5, 6, 5],
                [7, 7, 7], [8, 8, 8],
            ])
        #expect(grids.grid(at: 6)?.start == 1)
        #expect(grids.grid(at: 7) == nil)
        #expect(grids.grid(at: 9)?.start == 8)
        #expect(grids.end == 10)
    }

    @Test("An image may begin a sequence, and follow another at once")
    func adjacentImages() {
        var grids = SequenceGrids()
        grids.append(grid(0, 1, 2))
        grids.append(grid(2, 1, 1))
        #expect(positions(grids, 4) == [[0, 0, 0], [0, 0, 1], [2, 2, 2], [3, 3, 3]])
    }

    private func filled(_ count: Int, _ grids: [TokenGrid]) throws -> (Driver, SequenceCache) {
        let shape = Shape(retentions: [.full])
        let driver = Driver(shape)
        let cache = try SequenceCache(try CacheConfiguration(), layers: shape.layers, pool: PagePool())
        try driver.append(Token.sequence(count), images: grids, to: cache)
        return (driver, cache)
    }

    @Test("A rewind forgets the images that begin behind its end; a fork and its origin go their own ways")
    func rewindAndFork() throws {
        let grids = [grid(2, 2, 2), grid(10, 3, 3, content: 2)]
        let (_, cache) = try filled(30, grids)
        let fork = try cache.fork()
        #expect(fork.content.images == cache.content.images)
        #expect(cache.truncate(to: 11) == .exact)
        #expect(cache.content.images.all == grids)
        #expect(cache.truncate(to: 10) == .exact)
        #expect(cache.content.images.all == [grids[0]])
        #expect(fork.content.images.all == grids)
        fork.reset()
        #expect(fork.content.images.isEmpty)
    }

    private static let identity = SnapshotIdentity.Part(
        digest: Array(repeating: 7, count: 32), description: "test")

    @Test("Images are saved with their cache and restored with it", arguments: [0, 1, 2])
    func snapshot(count: Int) throws {
        let grids = Array([grid(2, 2, 2), grid(10, 3, 9, content: 2)].prefix(count))
        let (_, cache) = try filled(30, grids)
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/saved"
        let identity = SnapshotIdentity(
            weights: Self.identity, tokenizer: Self.identity, positions: Self.identity,
            configuration: Self.identity)
        try cache.save(to: path, identity: identity)
        let (_, other) = try filled(9, [grid(1, 1, 1)])
        try other.restore(from: path, identity: identity)
        #expect(other.content.images.all == grids)
        #expect(other.content.images == cache.content.images)
    }
}
