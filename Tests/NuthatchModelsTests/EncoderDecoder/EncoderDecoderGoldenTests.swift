import NuthatchModels
import NuthatchTensors
import Testing

/// Against transformers in float32, row by row: Euclidean distance at most 1e-4 of the golden's length.
@Suite struct EncoderDecoderGoldenTests {
    @Test(
        "An encoder's states are those of transformers",
        arguments: GoldenEncoderDecoder.all + GoldenEncoderDecoder.gguf)
    func statesAreThoseOfTransformers(model: GoldenEncoderDecoder) throws {
        let bench = try EncoderDecoderBench(try model.model())
        let golden = try model.golden()
        // All together, of which the second is one token.
        let ours = try bench.encode(try golden.sources.map { ($0, try bench.cache()) })
        for (source, (our, their)) in zip(ours, try model.states()).enumerated() {
            #expect(our.count == their.count)
            for (position, (our, their)) in zip(our, their).enumerated() {
                #expect(relativeDistance(our, their) <= 1e-4, "source \(source), position \(position)")
            }
        }
    }

    @Test("Logits are those of transformers", arguments: GoldenEncoderDecoder.all + GoldenEncoderDecoder.gguf)
    func logitsAreThoseOfTransformers(model: GoldenEncoderDecoder) throws {
        let bench = try EncoderDecoderBench(try model.model())
        let golden = try model.golden()
        let caches = try golden.sources.map { _ in try bench.cache() }
        try bench.encode(Array(zip(golden.sources, caches)))
        let ours = try bench.logits(Array(zip(golden.targets, caches)))
        for (source, (our, their)) in zip(ours, try model.logits()).enumerated() {
            #expect(our.count == their.count)
            for (position, (our, their)) in zip(our, their).enumerated() {
                #expect(relativeDistance(our, their) <= 1e-4, "source \(source), position \(position)")
            }
        }
    }

    @Test(
        "Greedy answers are those of transformers",
        arguments: GoldenEncoderDecoder.all + GoldenEncoderDecoder.gguf)
    func greedyAnswersAreThoseOfTransformers(model: GoldenEncoderDecoder) throws {
        let bench = try EncoderDecoderBench(try model.model())
        let golden = try model.golden()
        #expect(try bench.greedy(golden.sources, count: golden.greedy[0].count) == golden.greedy)
    }
}
