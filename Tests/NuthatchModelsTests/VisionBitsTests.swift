import NuthatchCache
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Law L1 with images: the logits at a position have the same bits, however they came to be computed.
@Suite struct VisionBitsTests {
    @Test("An image's vectors have the same bits on any number of threads", arguments: VisionModel.all)
    func towerThreads(model: VisionModel) throws {
        for precision in [WeightPrecision.f32, .q8] {
            let tower = try model.tower(precision)
            let image = try model.patches(tower)[0]
            let bits = try (1...3).map { count in
                let features = try tower.features(
                    of: image.values, grid: image.grid, pool: WorkerPool(workerCount: count))
                return UnsafeBufferPointer(
                    start: features.rows.base, count: features.rows.rowCount * features.rows.columnCount
                ).map(\.bitPattern)
            }
            #expect(bits[0] == bits[1])
            #expect(bits[0] == bits[2])
        }
    }

    private struct Conversation {
        let tokens: [TokenID]
        let images: [PlacedImage]
        let expected: [[UInt32]]
    }

    /// All of it in one pass, on one thread.
    private func conversation(_ model: VisionModel, _ decoder: Decoder) throws -> Conversation {
        let bench = try Bench(decoder, workerCount: 1)
        let images = try model.images(try model.tower(), pool: bench.workers)
        let golden = try model.golden()
        let tokens = golden.turns[golden.turns.count - 1].tokens + golden.greedy
        let expected = bits(try bench.logits(tokens, images, into: try bench.cache(.f16)))
        return Conversation(tokens: tokens, images: images, expected: expected)
    }

    @Test(
        "Chunks of 1, 7 and 512 on one, two and three threads, cut in the middle of images",
        arguments: VisionModel.all)
    func chunks(model: VisionModel) throws {
        let decoder = try model.decoder(.q8)
        let conversation = try conversation(model, decoder)
        for (workerCount, chunkLength) in [(1, 1), (2, 7), (3, 512), (2, 1)] {
            let bench = try Bench(decoder, workerCount: workerCount)
            let logits = try bench.logits(
                conversation.tokens, conversation.images, into: try bench.cache(.f16),
                chunkLength: chunkLength)
            #expect(
                bits(logits) == conversation.expected, "chunks of \(chunkLength) on \(workerCount) threads")
        }
    }

    @Test("Without a cache: everything computed anew at each step", arguments: VisionModel.all)
    func withoutCache(model: VisionModel) throws {
        let decoder = try model.decoder()
        let conversation = try conversation(model, decoder)
        let bench = try Bench(decoder)
        let count = conversation.tokens.count
        for end in [count - 16, count - 15, count - 3, count] {
            let fresh = try bench.cache(.f16)
            let logits = try bench.prefill(
                conversation.tokens[..<end], into: fresh, images: conversation.images, chunkLength: 10)
            let row = UnsafeBufferPointer(start: logits[0], count: logits.columnCount)
            #expect(row.map(\.bitPattern) == conversation.expected[end - 1], "after \(end) tokens")
        }
    }

    @Test("Among others in one pass, text and image side by side", arguments: VisionModel.all)
    func batched(model: VisionModel) throws {
        let decoder = try model.decoder()
        let conversation = try conversation(model, decoder)
        let bench = try Bench(decoder)
        let text = (0..<40).map { TokenID($0 * 3) }
        let expected = bits(try bench.logits(text, into: try bench.cache(.f16)))
        let caches = [try bench.cache(.f16), try bench.cache(.f16)]
        let outcomes = try decoder.forward(
            [
                PassEntry(caches[0], text[...], logits: .all),
                PassEntry(
                    caches[1], conversation.tokens[...], images: conversation.images, logits: .all),
            ], workspace: bench.workspace, pool: bench.workers)
        #expect(bits(bench.copy(try outcomes[0].get())) == expected)
        #expect(bits(bench.copy(try outcomes[1].get())) == conversation.expected)
        #expect(caches[0].content.images.isEmpty)
        #expect(caches[1].content.images.all == conversation.images.map(\.grid))
    }

    @Test(
        "A fork, a rewind and a saved cache go on where images have put their text",
        arguments: VisionModel.all)
    func forkRewindRestore(model: VisionModel) throws {
        let decoder = try model.decoder()
        let conversation = try conversation(model, decoder)
        let bench = try Bench(decoder)
        let cache = try bench.cache(.f16)
        let kept = conversation.tokens.count - 12
        _ = try bench.logits(conversation.tokens, conversation.images, into: cache)
        let folder = try TemporaryDirectory()
        let part = SnapshotIdentity.Part(digest: Array(repeating: 1, count: 32), description: "test")
        let identity = SnapshotIdentity(
            weights: part, tokenizer: part, positions: part, configuration: part)
        #expect(cache.truncate(to: kept) == .exact)
        try cache.save(to: "\(folder.path)/saved", identity: identity)
        let restored = try bench.cache(.f16)
        try restored.restore(from: "\(folder.path)/saved", identity: identity)
        for other in [try cache.fork(), cache, restored] {
            #expect(other.content.images.all == conversation.images.map(\.grid))
            // No images any more: what they did to positions is the cache's to know.
            let logits = try bench.logits(conversation.tokens, [], into: other)
            #expect(bits(logits) == Array(conversation.expected[kept...]))
        }
    }

    @Test("Another image of the same size gives other logits", arguments: VisionModel.all)
    func otherImage(model: VisionModel) throws {
        let decoder = try model.decoder()
        let conversation = try conversation(model, decoder)
        let bench = try Bench(decoder)
        let tower = try model.tower()
        var patches = try model.patches(tower)[0]
        patches.values.reverse()
        var images = conversation.images
        images[0] = PlacedImage(
            grid: images[0].grid,
            features: try tower.features(of: patches.values, grid: patches.grid, pool: bench.workers))
        let logits = try bench.logits(conversation.tokens, images, into: try bench.cache(.f16))
        let start = images[0].grid.start
        #expect(bits(Array(logits[..<start])) == Array(conversation.expected[..<start]))
        #expect(bits(Array(logits[start...])) != Array(conversation.expected[start...]))
    }
}
