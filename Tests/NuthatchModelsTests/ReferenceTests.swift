import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import Testing

@Suite struct ReferenceTests {
    /// 45 tokens pass windows of 1, 7 and 20 and pages of 16. Float32 against double: the sums are short.
    @Test("Decoders of random shape give the reference's logits", arguments: UInt64(0)..<40)
    func randomShapesGiveTheReferencesLogits(seed: UInt64) throws {
        let model = try RandomModel(seed: seed)
        let tokens = model.tokens(count: 45, seed: seed)
        let reference = model.reference().logits(tokens)
        let bench = try Bench(try model.decoder(.f32), workerCount: 1 + Int(seed % 3))
        let ours = try bench.logits(tokens, into: try bench.cache(), chunkLength: 1 + Int(seed % 45))
        for (position, (our, their)) in zip(ours, reference).enumerated() {
            let distance = relativeDistance(our, their.map(Float.init))
            #expect(distance <= 1e-4, "position \(position) of \(model.description.specification)")
        }
    }

    @Test("The reference gives the logits of transformers", arguments: ["qwen3-window", "gemma3-scaled"])
    func referenceGivesTheLogitsOfTransformers(name: String) throws {
        let model = GoldenModel.named(name)
        let checkpoint = try model.checkpoint()
        let description = try ModelDescription(checkpoint)
        let weights = try CheckpointWeights(checkpoint, description)
        let reference = ReferenceDecoder(
            specification: description.specification, contextLength: description.specification.contextLength
        ) { place, kind in try? weights.floats(place, kind) }
        for (our, their) in zip(reference.logits(try model.prompt()), try model.logits()) {
            #expect(relativeDistance(our.map(Float.init), their) <= 1e-4)
        }
    }
}
