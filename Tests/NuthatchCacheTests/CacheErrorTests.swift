import NuthatchCache
import NuthatchTensors
import Testing

/// Messages are an API: they name the number, the limit and the remedy.
@Suite struct CacheErrorTests {
    @Test func messagesSayWhatTheLimitIsAndWhatToDo() {
        #expect(
            CacheError.full(capacity: 2048, asked: 2050).description
                == "The cache has room for 2048 tokens; 2050 are needed. "
                + "Give fewer tokens, or reserve the cache for more (--kv-capacity).")
        #expect(
            CacheError.chunkTooLong(limit: 512, asked: 600).description
                == "A pass brings 600 tokens; the reserved window layers have room for 512 at a time. "
                + "Feed at most 512 tokens per pass, or configure longer chunks.")
        #expect(
            CacheError.outOfMemory(byteCount: 100, inUse: 950, budget: 1000).description
                == "The cache needs 100 B more; 950 B of its budget of 1.0 kB are in use. "
                + "Shorten the context, hold keys and values in fewer bits, or allow more (--memory).")
        #expect(
            CacheError.outOfMemory(byteCount: 100, inUse: 950, budget: nil).description
                == "The system refused the cache 100 B more; it holds 950 B. "
                + "Close other programs, raise the limit on address space if one is set (ulimit -v), shorten the context, "
                + "or hold keys and values in fewer bits.")
    }

    @Test(arguments: [0, -16, 8, 60, 4112, Int.max])
    func aPageLengthIsAMultipleOf16(pageLength: Int) {
        #expect(
            throws: CacheError.invalidConfiguration(
                reason: "A page length of \(pageLength) slots is not a multiple of 16 from 16 to 4096.",
                remedy: "Use 64.")
        ) { try CacheConfiguration(pageLength: pageLength) }
    }

    @Test func countsOutsideTheLimitsMakeNoConfiguration() {
        for count in [0, -1, Int.max] {
            #expect(throws: CacheError.self) { try CacheConfiguration(growth: .reserved(tokenCount: count)) }
            #expect(throws: CacheError.self) { try CacheConfiguration(chunkLength: count) }
        }
        #expect(throws: CacheError.self) { try CacheConfiguration(guaranteedRewind: -1) }
    }

    @Test(arguments: [0, -1, 4097, Int.max])
    func geometriesOutsideTheLimitsMakeNoCache(count: Int) throws {
        let right = LayerGeometry(kvHeadCount: 1, keyDimension: 1, valueDimension: 1, retention: .full)
        var layers = [LayerGeometry](repeating: right, count: 3)
        layers[0].kvHeadCount = count
        layers[1].keyDimension = count
        layers[2].valueDimension = count
        for (index, layer) in layers.enumerated() {
            var wrong = [right, right]
            wrong.insert(layer, at: index == 2 ? 1 : index)
            #expect(throws: CacheError.self) { try CachePlan(CacheConfiguration(), layers: wrong) }
        }
        #expect(
            throws: CacheError.invalidConfiguration(
                reason: "Layer 1 has \(count) key dimensions; a cache takes 1 to 4096.",
                remedy: "Check the model's configuration; its file may be damaged.")
        ) { try CachePlan(CacheConfiguration(), layers: [right, layers[1]]) }
    }

    @Test func noLayersOrAnEmptyWindowMakeNoCache() {
        #expect(throws: CacheError.self) { try CachePlan(CacheConfiguration(), layers: []) }
        for length in [0, -5, Int.max] {
            let layer = LayerGeometry(
                kvHeadCount: 1, keyDimension: 1, valueDimension: 1, retention: .window(length: length))
            #expect(throws: CacheError.self) { try CachePlan(CacheConfiguration(), layers: [layer]) }
        }
    }

    @Test func moreTokensThanAnyCacheHoldsAreRefused() throws {
        let layers = [LayerGeometry(kvHeadCount: 1, keyDimension: 1, valueDimension: 1, retention: .full)]
        let cache = try SequenceCache(CacheConfiguration(), layers: layers, pool: PagePool())
        #expect(throws: CacheError.full(capacity: 1 << 31, asked: .max)) { try cache.reserve(.max) }
        #expect(cache.byteCount == 0)
    }
}
