import NuthatchCache
import NuthatchTestSupport
import Testing

/// A cache that was saved and restored, anywhere, goes on with the bits it would have had.
@Suite struct SnapshotTests {
    private static let tokens = Token.sequence(300)

    @Test(arguments: Holding.all, CombinationTests.retentions)
    func restoredCachesGoOnAsIfTheyHadNotBeenAway(holding: Holding, retention: Retention) throws {
        let folder = try TemporaryDirectory()
        let storage = holding.storage
        let shape = holding.shape([.full, .window(length: 100)])
        let path = "\(folder.path)/saved"
        let places: [(Growth, Placement)] = [
            (.dynamic, .memory), (.reserved(tokenCount: 320), .memory),
            (.dynamic, .disk(directory: folder.path)),
            (.reserved(tokenCount: 320), .disk(directory: folder.path)),
        ]
        let expected = try Driver(shape).feed(
            Self.tokens, to: cache(storage, retention, places[0], shape), chunk: 300)
        for count in [0, 1, 64, 200, 257] {
            for (index, place) in places.enumerated() {
                let driver = Driver(shape)
                let origin = try cache(storage, retention, place, shape)
                _ = try driver.feed(Array(Self.tokens.prefix(count)), to: origin, chunk: 70)
                try origin.save(to: path, identity: identity(origin.plan))
                let other = try cache(storage, retention, places[(index + count) % 4], shape)
                _ = try driver.feed(Token.sequence(90, seed: 5), to: other, chunk: 90)
                try other.restore(from: path, identity: identity(other.plan))
                #expect(other.content == origin.content && other.tokenCount == count)
                for layer in shape.retentions.indices {
                    #expect(try other.read(layer: layer) == origin.read(layer: layer), "layer \(layer)")
                }
                let output = try driver.feed(Array(Self.tokens[count...]), to: other, chunk: 50)
                #expect(
                    output.bits == rest(of: expected, from: count, shape).bits,
                    "\(count) tokens, place \(index)")
            }
        }
    }

    @Test func whatIsRefusedLeavesTheCacheAsItWas() throws {
        let folder = try TemporaryDirectory()
        let shape = Shape(retentions: [.full])
        let path = "\(folder.path)/saved"
        let driver = Driver(shape)
        let origin = try cache(.exact, nil, (.dynamic, .memory), shape)
        _ = try driver.feed(Self.tokens, to: origin, chunk: 64)
        try origin.save(to: path, identity: identity(origin.plan))
        let other = try cache(.exact, nil, (.dynamic, .memory), shape)
        _ = try driver.feed(Token.sequence(100, seed: 9), to: other, chunk: 100)
        let before = try other.read(layer: 0)
        var foreign = identity(other.plan)
        foreign.weights = SnapshotIdentity.Part(digest: Array(repeating: 9, count: 32), description: "others")
        #expect(throws: CacheError.self) { try other.restore(from: path, identity: foreign) }
        #expect(throws: CacheError.self) { try other.restore(from: "\(path)-nowhere", identity: foreign) }
        let small = try cache(.exact, nil, (.reserved(tokenCount: 200), .memory), shape)
        #expect(throws: CacheError.full(capacity: 200, asked: 300)) {
            try small.restore(from: path, identity: identity(small.plan))
        }
        #expect(try other.read(layer: 0) == before)
        #expect(other.tokenCount == 100)
    }

    @Test func aCacheWithAPlaneOfValuesDoesNotFitOneWithValuesInKeys() throws {
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/saved"
        var shape = Holding(storage: .exact, values: .firstKeyColumns).shape([.full])
        shape.values = .ownPlane
        let origin = try cache(.exact, nil, (.dynamic, .memory), shape)
        _ = try Driver(shape).feed(Self.tokens, to: origin, chunk: 64)
        try origin.save(to: path, identity: identity(origin.plan))
        shape.values = .firstKeyColumns
        let other = try cache(.exact, nil, (.dynamic, .memory), shape)
        #expect(SequenceCache.formDescription(other.plan) != SequenceCache.formDescription(origin.plan))
        #expect(SequenceCache.formSummary(origin.plan).contains("; values f16; "))
        #expect(SequenceCache.formSummary(other.plan).contains("; values in the keys; "))
        #expect(throws: CacheError.self) { try other.restore(from: path, identity: identity(other.plan)) }
        #expect(other.tokenCount == 0)
    }

    private func rest(of outputs: [Float], from count: Int, _ shape: Shape) -> [Float] {
        let width = shape.queryHeadCount * shape.valueDimension
        let layerLength = Self.tokens.count * width
        return shape.retentions.indices.flatMap { layer in
            outputs[layer * layerLength + count * width..<(layer + 1) * layerLength]
        }
    }

    private func cache(
        _ storage: StoragePair, _ retention: Retention?, _ place: (Growth, Placement), _ shape: Shape
    ) throws -> SequenceCache {
        let configuration = try storage.configuration(
            retention: retention, growth: place.0, placement: place.1)
        return try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
    }

    private func identity(_ plan: CachePlan) -> SnapshotIdentity {
        func part(_ name: String) -> SnapshotIdentity.Part {
            // Of all of a name, for some begin alike.
            let digest = (0..<32).map { place in
                name.utf8.reduce(UInt8(truncatingIfNeeded: place)) { $0 &* 31 &+ $1 }
            }
            return SnapshotIdentity.Part(digest: digest, description: name)
        }
        return SnapshotIdentity(
            weights: part("weights"), tokenizer: part("tokenizer"), positions: part("positions"),
            configuration: part(SequenceCache.formDescription(plan)))
    }
}
