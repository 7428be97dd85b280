import NuthatchCache
import NuthatchGeneration
import Testing

/// What the scheduler counts with is what the planner says.
@Suite struct SequenceCostTests {
    /// Two kinds of layers, one of them several times.
    private static let layers = [Retention.full, .window(length: 70), .full, .full, .window(length: 70)].map {
        LayerGeometry(kvHeadCount: 2, keyDimension: 32, valueDimension: 32, retention: $0)
    }

    private static var configurations: [CacheConfiguration] {
        get throws {
            let code = Storage.quantized(
                try Quantization(bitCount: 4, method: .affine, axis: .token, groupLength: 32))
            return [
                try CacheConfiguration(),
                try CacheConfiguration(
                    keyStorage: code, valueStorage: code, residualLength: 64, exactSinkCount: 4),
                try CacheConfiguration(retention: .sinks(count: 4, window: 50, positions: .inCache)),
                try CacheConfiguration(growth: .reserved(tokenCount: 1_000)),
                try CacheConfiguration(placement: .disk(directory: "unused")),
                try CacheConfiguration(
                    placement: .disk(directory: "unused"), growth: .reserved(tokenCount: 1_000)),
                try CacheConfiguration(guaranteedRewind: 20),
            ]
        }
    }

    @Test func itIsThePlansBytesToTheByte() throws {
        for configuration in try Self.configurations {
            // As long as the plan's chunks, so that peaks are the same.
            let plan = try CachePlan(configuration, layers: Self.layers)
            let cost = try SequenceCost(plan, rowCount: configuration.chunkLength)
            for tokenCount in [0, 1, 63, 64, 65, 127, 200, 640, 999] {
                for newTokenCount in [0, 1, 64, 256] where tokenCount + newTokenCount <= 1_000 {
                    #expect(
                        cost.byteCount(tokenCount: tokenCount, newTokenCount: newTokenCount)
                            == plan.byteCount(tokenCount: tokenCount, newTokenCount: newTokenCount))
                }
                let peak = try #require(plan.peakByteCount(contextLength: tokenCount))
                #expect(cost.peakByteCount(tokenCount: tokenCount) >= peak)
            }
        }
    }

    @Test func noPassOnTheWayTakesMoreThanThePeak() throws {
        for configuration in try Self.configurations {
            let plan = try CachePlan(configuration, layers: Self.layers)
            for rowCount in [100, 512] {
                let cost = try SequenceCost(plan, rowCount: rowCount)
                let peak = cost.peakByteCount(tokenCount: 900)
                var tokenCount = 0
                while tokenCount < 900 {
                    let newTokenCount = min(rowCount, cost.chunkLength, 900 - tokenCount)
                    #expect(cost.byteCount(tokenCount: tokenCount, newTokenCount: newTokenCount) <= peak)
                    tokenCount += newTokenCount
                }
            }
        }
    }

    @Test func chunksAreAsLongAsAStepWhereNoPagesAreSetAsideForShorterOnes() throws {
        let chunkLengths = try Self.configurations.map {
            try SequenceCost(CachePlan($0, layers: Self.layers), rowCount: 512).chunkLength
        }
        #expect(chunkLengths == [512, 512, 512, 256, 256, 256, 512])
    }

    @Test func whatNoMachineHasIsUnaffordableAndCanBeAddedUp() throws {
        let huge = LayerGeometry(
            kvHeadCount: 4_096, keyDimension: 4_096, valueDimension: 4_096, retention: .full)
        let plan = try CachePlan(try CacheConfiguration(), layers: Array(repeating: huge, count: 4_096))
        let cost = try SequenceCost(plan, rowCount: 512)
        #expect(cost.byteCount(tokenCount: 1 << 31) == SequenceCost.unaffordable)
        #expect(cost.peakByteCount(tokenCount: 1 << 31) == SequenceCost.unaffordable)
        #expect(SequenceCost.unaffordable.multipliedReportingOverflow(by: 1 << 15).overflow == false)
    }
}
