import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import Testing

/// Against transformers in float32, position by position: Euclidean distance at most 1e-4 of the golden's length.
@Suite struct GoldenLogitsTests {
    @Test("Logits are those of transformers", arguments: GoldenModel.all)
    func logitsAreThoseOfTransformers(model: GoldenModel) throws {
        let bench = try Bench(try model.decoder())
        let ours = try bench.logits(try model.prompt(), into: try bench.cache())
        let theirs = try model.logits()
        #expect(ours.count == theirs.count)
        for (position, (our, their)) in zip(ours, theirs).enumerated() {
            let distance = relativeDistance(our, their)
            #expect(distance <= 1e-4, "position \(position)")
        }
    }

    @Test("Greedy tokens are those of transformers", arguments: GoldenModel.all)
    func greedyTokensAreThoseOfTransformers(model: GoldenModel) throws {
        let bench = try Bench(try model.decoder())
        let theirs = try model.greedy()
        #expect(try bench.greedy(try model.prompt(), count: theirs.count) == theirs)
    }

    @Test(
        "A ragged batch gives what transformers gives padded on the left",
        arguments: ["gpt2-scaled", "gpt2-reordered"])
    func raggedBatch(name: String) throws {
        let model = GoldenModel.named(name)
        let bench = try Bench(try model.decoder())
        let prompt = try model.prompt()
        let ours = try bench.logits(
            try GoldenModel.raggedLengths.map { (Array(prompt.prefix($0)), try bench.cache()) })
        for (our, their) in zip(ours, try model.raggedLogits()) {
            #expect(relativeDistance(try #require(our.last), their) <= 1e-4)
        }
    }

    /// The file's own 4, 5, 6 and 8 bits against activations rounded to 8: each of the products moves by the
    /// rounding of a row to 1 part in 254 of its block's largest, which random models do not damp.
    @Test("Native formats stay near the float32 run of the same weights")
    func nativeFormatsStayNear() throws {
        let model = GoldenModel.named("gemma3-mixed", .gguf)
        let bench = try Bench(try model.decoder(.native))
        let ours = try bench.logits(try model.prompt(), into: try bench.cache())
        for (our, their) in zip(ours, try model.logits()) {
            #expect(relativeDistance(our, their) <= 0.05)
        }
    }

    /// Weights and activations rounded to 8 bits, whatever floats the directory holds: each product moves by up to a
    /// 127th of its block's largest, which rows of 48 to 100 random numbers hardly average out.
    @Test(
        "Weights of a directory are quantised while they are loaded",
        arguments: ["llama-tied", "llama3-biased", "llama-yarn", "gpt2-scaled", "falcon-grouped"])
    func weightsAreQuantisedOnTheFly(name: String) throws {
        let model = GoldenModel.named(name)
        let decoder = try model.decoder(.q8)
        #expect(decoder.weightByteCount < (try model.decoder(.f32)).weightByteCount / 2)
        let bench = try Bench(decoder)
        let ours = try bench.logits(try model.prompt(), into: try bench.cache())
        for (our, their) in zip(ours, try model.logits()) {
            #expect(relativeDistance(our, their) <= 0.1)
        }
    }

    @Test("Longrope takes the short factors for a short capacity, from the first token")
    func longropeChoosesByCapacity() throws {
        let model = GoldenModel.named("llama-longrope")
        let short = try Decoder.load(try model.checkpoint(), precision: .f32, contextLength: 32)
        let long = try Decoder.load(try model.checkpoint(), precision: .f32, contextLength: 33)
        let tokens = Array(try model.prompt().prefix(32))
        let shortBench = try Bench(short)
        let longBench = try Bench(long)
        let shortLogits = try shortBench.logits(tokens, into: try shortBench.cache())
        let longLogits = try longBench.logits(tokens, into: try longBench.cache())
        #expect(relativeDistance(longLogits[31], try model.logits()[31]) <= 1e-4)
        #expect(relativeDistance(shortLogits[31], longLogits[31]) > 1e-2)
    }
}
