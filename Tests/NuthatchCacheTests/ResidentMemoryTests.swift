import Foundation
import NuthatchCache
import NuthatchTensors
import Testing

/// What the system counts is what the planner says: resident memory grows by the plan's bytes, within 3 %.
///
/// Each in a process of its own, since all other tests allocate too.
@Suite struct ResidentMemoryTests {
    @Test(arguments: ["SmolLM2 135M", "Llama 3 8B"], [false, true])
    func halfFloats(model: String, isReserved: Bool) async {
        await #expect(processExitsWith: .success) {
            [model = model as String, isReserved = isReserved as Bool] in
            try Filling(model, .f16, isReserved: isReserved).expectPlannedGrowth()
        }
    }

    @Test(arguments: ["SmolLM2 135M", "Llama 3 8B"], [false, true])
    func floats(model: String, isReserved: Bool) async {
        await #expect(processExitsWith: .success) {
            [model = model as String, isReserved = isReserved as Bool] in
            try Filling(model, .f32, isReserved: isReserved).expectPlannedGrowth()
        }
    }
}

/// A cache of nearly 256 MiB, filled.
private struct Filling {
    private static let byteCount = 256 << 20
    private static let chunkLength = 512

    private let layers: [LayerGeometry]
    private let storage: Storage
    private let isReserved: Bool

    /// - Parameter model: whose layers these are, or the first of them.
    init(_ model: String, _ storage: Storage, isReserved: Bool) {
        layers =
            model == "SmolLM2 135M"
            ? Self.layers(30, kvHeadCount: 3, dimension: 64) : Self.layers(4, kvHeadCount: 8, dimension: 128)
        self.storage = storage
        self.isReserved = isReserved
    }

    private static func layers(_ count: Int, kvHeadCount: Int, dimension: Int) -> [LayerGeometry] {
        let layer = LayerGeometry(
            kvHeadCount: kvHeadCount, keyDimension: dimension, valueDimension: dimension, retention: .full)
        return Array(repeating: layer, count: count)
    }

    func expectPlannedGrowth() throws {
        let perToken = try CachePlan(
            CacheConfiguration(keyStorage: storage, valueStorage: storage), layers: layers
        ).bytesPerToken
        let passCount = Self.byteCount / Int(perToken) / Self.chunkLength
        let tokenCount = passCount * Self.chunkLength
        let configuration = try CacheConfiguration(
            keyStorage: storage, valueStorage: storage,
            growth: isReserved ? .reserved(tokenCount: tokenCount) : .dynamic, chunkLength: Self.chunkLength)
        let plan = try CachePlan(configuration, layers: layers)
        let planned = try #require(plan.byteCount(tokenCount: tokenCount))

        let filler = Filler(
            rowCount: Self.chunkLength, columnCount: layers[0].kvHeadCount * layers[0].keyDimension)
        let first = try SequenceCache(
            CacheConfiguration(keyStorage: storage, valueStorage: storage), layers: layers, pool: PagePool())
        // What threads, code and workspaces take is there before, and what this one holds stays.
        try filler.fill(first, Self.chunkLength)
        let before = try #require(Self.residentByteCount)
        let cache = try SequenceCache(configuration, layers: layers, pool: PagePool())
        if isReserved {
            // Touched at once, so that no later step can fail.
            try expectGrowth(planned, since: before)
        }
        for _ in 0..<passCount { try filler.fill(cache, Self.chunkLength) }
        try expectGrowth(planned, since: before)
        #expect(cache.byteCount == planned)
        #expect(first.tokenCount == Self.chunkLength)
    }

    private func expectGrowth(_ planned: Int, since before: Int) throws {
        let growth = try #require(Self.residentByteCount) - before
        #expect(abs(growth - planned) * 100 <= planned * 3, "\(growth) bytes, planned \(planned)")
    }

    private static var residentByteCount: Int? {
        #if os(Linux)
            // size and resident, in pages
            let fields = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
                separator: " ")
            return fields.flatMap { $0.count > 1 ? Int($0[1]) : nil }.map { $0 * Int(getpagesize()) }
        #else
            var information = mach_task_basic_info()
            var count = mach_msg_type_number_t(
                MemoryLayout<mach_task_basic_info>.size / MemoryLayout<natural_t>.size)
            let result = withUnsafeMutablePointer(to: &information) { pointer in
                pointer.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
                    task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &count)
                }
            }
            return result == KERN_SUCCESS ? Int(information.resident_size) : nil
        #endif
    }
}

/// Writes rows of ones.
private final class Filler {
    private let pool = WorkerPool(workerCount: 1)
    private let workspace = AttentionWorkspace(queryHeadCount: 4)
    private let rows: Rows

    init(rowCount: Int, columnCount: Int) {
        let base = UnsafeMutablePointer<Float>.allocate(capacity: rowCount * columnCount)
        base.initialize(repeating: 1, count: rowCount * columnCount)
        rows = Rows(base: base, rowCount: rowCount, columnCount: columnCount, stride: columnCount)
    }

    deinit { rows.base.deallocate() }

    func fill(_ cache: SequenceCache, _ count: Int) throws {
        try cache.reserve(count)
        let batch = try CacheBatch(
            [CacheBatch.Entry(cache: cache, rows: 0..<count)], workspace: workspace, workerCount: 1)
        pool.run(Append(batch: batch, rows: rows, layerCount: cache.layers.count))
        cache.commit(count)
    }

    private struct Append: WorkerProgram {
        let batch: CacheBatch
        let rows: Rows
        let layerCount: Int

        func run(on worker: Worker) {
            for layer in 0..<layerCount { batch.append(keys: rows, values: rows, layer: layer, on: worker) }
        }
    }
}
