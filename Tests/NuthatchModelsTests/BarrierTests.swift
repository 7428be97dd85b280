import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import Testing

/// How often the workers of a pass wait for each other: what a decode step costs beside its arithmetic.
@Suite struct BarrierTests {
    /// Biases, norms of heads and norms behind sublayers cost no meeting.
    static let models: [(name: String, precision: WeightPrecision)] = [
        ("llama-tied", .q8), ("llama-tied", .f32), ("llama3-biased", .q8), ("qwen2-tied", .q8),
        ("qwen3-untied", .q8), ("gemma3-pattern", .q8),
    ]

    @Test("A layer of a step of up to four tokens has 6 meetings", arguments: models.indices, [1, 4])
    func fewRows(index: Int, sequenceCount: Int) throws {
        let (decoder, count) = try barrierCount(Self.models[index], sequenceCount: sequenceCount)
        // And the end of the pass.
        #expect(count == (6 + gateBarrierCount(decoder)) * decoder.layerGeometries.count + 1)
    }

    @Test(
        "A layer of a step of more tokens has 11, or 9 where nothing is quantised", arguments: models.indices)
    func manyRows(index: Int) throws {
        let (decoder, count) = try barrierCount(Self.models[index], sequenceCount: 8)
        let perLayer = Self.models[index].precision == .f32 ? 9 : 11
        // And before and behind the last norm, and the end of the pass.
        #expect(count == (perLayer + gateBarrierCount(decoder)) * decoder.layerGeometries.count + 3)
    }

    /// One more where gate and up meet inside a panel of 16 outputs.
    private func gateBarrierCount(_ decoder: Decoder) -> Int {
        decoder.specification.feedForward.size % PackedMatrix.panelWidth == 0 ? 0 : 1
    }

    private func barrierCount(
        _ model: (name: String, precision: WeightPrecision), sequenceCount: Int
    ) throws -> (Decoder, Int) {
        let decoder = try GoldenModel.named(model.name).decoder(model.precision)
        let bench = try Bench(decoder, workerCount: 3)
        let entries = try (0..<sequenceCount).map { _ in PassEntry(try bench.cache(), [3]) }
        let before = bench.workers.barrierCount
        try decoder.forward(entries, workspace: bench.workspace, pool: bench.workers)
        return (decoder, Int(bench.workers.barrierCount &- before))
    }
}
