import NuthatchCache
import Testing

/// Law L2 over the whole product: storage of keys x of values x residual x exact tokens x retention x rewind x
/// growth.
@Suite struct PlannedProductTests {
    /// Every way to hold one side.
    static let storages: [Storage] = {
        var storages = Storage.exactCases
        for bitCount in Quantization.bitCounts {
            for axis in Quantization.Axis.allCases {
                for groupLength in Quantization.groupLengths {
                    for method in Quantization.Method.allCases {
                        let quantization = try? Quantization(
                            bitCount: bitCount, method: method, axis: axis, groupLength: groupLength)
                        storages += quantization.map { [.quantized($0)] } ?? []
                    }
                }
            }
        }
        return storages
    }()

    private static let retentions: [Retention?] = [
        nil, .window(length: 70), .sinks(count: 5, window: 40, positions: .inCache),
        .compressive(segmentLength: 90, rule: .delta),
    ]

    private static let layers = [
        LayerGeometry(kvHeadCount: 1, keyDimension: 4, valueDimension: 6, retention: .full),
        LayerGeometry(kvHeadCount: 2, keyDimension: 2, valueDimension: 2, retention: .window(length: 100)),
    ]

    /// Where values are in the keys, they are held as keys are.
    private static let sharingLayers = [
        LayerGeometry(
            kvHeadCount: 1, keyDimension: 6, valueDimension: 4, values: .firstKeyColumns, retention: .full),
        LayerGeometry(
            kvHeadCount: 2, keyDimension: 2, valueDimension: 2, values: .firstKeyColumns,
            retention: .window(length: 100)),
    ]

    @Test(arguments: storages)
    func windowsAreHeldOtherwise(storage: Storage) throws {
        for usual in [Storage.f16, storage] {
            for windows in [
                LayerStorage(keys: storage, values: .f32), LayerStorage(keys: .f16, values: storage),
            ] {
                for growth in [Growth.dynamic, .reserved(tokenCount: 300)] {
                    let configuration = try CacheConfiguration(
                        keyStorage: usual, valueStorage: .f16, windowStorage: windows, exactSinkCount: 16,
                        growth: growth, chunkLength: 110)
                    try expectPlanned(configuration, Self.layers)
                }
            }
        }
    }

    @Test func thereAreThirtyNineWaysToHoldASide() {
        #expect(Self.storages.count == 3 + 3 * 2 * 3 * 2)
    }

    @Test(arguments: storages)
    func plannedBytesAreAllocatedBytes(keys: Storage) throws {
        for values in Self.storages {
            for retention in Self.retentions {
                // Compressive memory takes back whole segments only, and says so.
                for rewind in retention == Self.retentions.last ? [0] : [0, 20] {
                    for growth in [Growth.dynamic, .reserved(tokenCount: 300)] {
                        for (residual, exact) in [(0, 0), (0, 16), (128, 0), (128, 16)] {
                            let configuration = try CacheConfiguration(
                                keyStorage: keys, valueStorage: values, residualLength: residual,
                                exactSinkCount: exact, retention: retention, growth: growth,
                                chunkLength: 110, guaranteedRewind: rewind)
                            try expectPlanned(configuration, Self.layers)
                            if keys == values { try expectPlanned(configuration, Self.sharingLayers) }
                        }
                    }
                }
            }
        }
    }

    private func expectPlanned(_ configuration: CacheConfiguration, _ layers: [LayerGeometry]) throws {
        let pool = PagePool()
        let plan = try CachePlan(configuration, layers: layers)
        let cache = try SequenceCache(configuration, layers: layers, pool: pool)
        var isEqual = plan.byteCount(tokenCount: 0) == pool.usage.live
        // Passes of many tokens and of one, ends inside pages and on their boundaries.
        for count in [1, 63, 110, 17, 1, 108] {
            try cache.reserve(count)
            isEqual =
                isEqual && cache.byteCount == pool.usage.live
                && cache.byteCount == plan.byteCount(tokenCount: cache.tokenCount, newTokenCount: count)
            cache.commit(count)
            isEqual =
                isEqual && cache.byteCount == pool.usage.live
                && cache.byteCount == plan.byteCount(tokenCount: cache.tokenCount)
        }
        let peak = try #require(plan.peakByteCount(contextLength: 300))
        #expect(isEqual && pool.usage.peak <= peak, "\(configuration)")
        if configuration.growth != .dynamic { #expect(pool.usage.peak == peak) }
    }
}
