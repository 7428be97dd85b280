import NuthatchCache
import Testing

/// The textbook's sum for one card, and what it leaves out.
///
///     bytes of KV per token = 2 (keys and values) x layers x kv heads x head dimension x bytes per number
///
/// The usual example has as many kv heads as query heads, so kv heads x head dimension = hidden size. Models since
/// have fewer (GQA, arXiv:2305.13245; a single one: MQA, arXiv:1911.02150), and whoever leaves that out of the sum
/// buys four to thirty-two times the memory.
@Suite struct PlannerExampleTests {
    private static let gibibyte = 1 << 30

    private func plan(
        kvHeadCount: Int, storage: Storage = .f16, layerCount: Int = 32, headDimension: Int = 128
    ) throws -> CachePlan {
        let layer = LayerGeometry(
            kvHeadCount: kvHeadCount, keyDimension: headDimension, valueDimension: headDimension,
            retention: .full)
        return try CachePlan(
            CacheConfiguration(keyStorage: storage, valueStorage: storage),
            layers: Array(repeating: layer, count: layerCount))
    }

    /// An A10 has 24 GB; a model of 7 billion parameters takes 14 GB of them at 16 bits. 32 layers of hidden size
    /// 4096 keep 2 x 32 x 4096 x 2 bytes = 512 KiB a token.
    @Test func twentyThousandTokensFitBesideSevenBillionParameters() throws {
        let free = (24 - 14) * Self.gibibyte
        let plan = try plan(kvHeadCount: 32)
        #expect(plan.bytesPerToken == 512 * 1024)
        #expect(plan.largestContext(byteBudget: free) == 20_480)
        #expect(plan.largestContext(byteBudget: free, sequenceCount: 2) == 10_240)
        // 204 tokens each by the formula. A page holds 64, and pages are not shared by sequences that differ.
        #expect(plan.largestContext(byteBudget: free, sequenceCount: 100) == 192)
        #expect(plan.largestSequenceCount(byteBudget: free, contextLength: 2_048) == 10)
        #expect(plan.largestSequenceCount(byteBudget: free, contextLength: 20_481) == 0)
    }

    /// Llama 3 8B has the same layers and hidden size but 8 kv heads of 128: a quarter, 128 KiB a token. Its
    /// vocabulary makes the weights 16 GB.
    @Test func groupedQueriesMakeItFourTimesAsManyInTheSameMemory() throws {
        let free = (24 - 16) * Self.gibibyte
        let plan = try plan(kvHeadCount: 8)
        #expect(plan.bytesPerToken == 128 * 1024)
        #expect(plan.largestContext(byteBudget: free) == 65_536)
        #expect(plan.largestContext(byteBudget: free, sequenceCount: 2) == 32_768)
        #expect(plan.largestContext(byteBudget: free, sequenceCount: 100) == 640)
        // Its own context of 8,192 tokens, for eight at a time.
        #expect(plan.largestSequenceCount(byteBudget: free, contextLength: 8_192) == 8)
        // The textbook's sum would have said 16,384.
        #expect(try self.plan(kvHeadCount: 32).largestContext(byteBudget: free) == 16_384)
    }

    /// One kv head for all queries: 16 KiB a token.
    @Test func aSingleKVHeadMakesItEightTimesAsManyAgain() throws {
        let plan = try plan(kvHeadCount: 1)
        #expect(plan.bytesPerToken == 16 * 1024)
        #expect(plan.largestContext(byteBudget: 8 * Self.gibibyte) == 524_288)
    }

    /// Half floats to 4 bits, with a scale and an offset of 16 bits for each 64 numbers, is 4.5 bits: what
    /// quantising gives is less than the ratio of the codes.
    @Test func fourBitsAreFourAndAHalf() throws {
        let byToken = try Quantization(bitCount: 4, axis: .token, groupLength: 64)
        let plan = try plan(kvHeadCount: 8, storage: .quantized(byToken))
        #expect(plan.layers[0].sealedLayout.bitsPerValue == 4.5)
        #expect(plan.bytesPerToken == 128 * 1024 * 4.5 / 16)
    }
}
