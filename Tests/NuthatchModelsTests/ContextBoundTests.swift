import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// How many tokens a sequence may have, by model, request and what a cache keeps.
@Suite struct ContextBoundTests {
    private func tokenCount(
        _ bound: ContextBound, _ retention: Retention?, own: [Retention] = [.full, .full]
    ) throws -> Int? {
        let layers = own.map {
            LayerGeometry(kvHeadCount: 1, keyDimension: 8, valueDimension: 8, retention: $0)
        }
        return try bound.tokenCount(
            in: CachePlan(try CacheConfiguration(retention: retention), layers: layers))
    }

    private static let sinks = Retention.sinks(count: 4, window: 60, positions: .inCache)

    @Test("Sinks at positions in the cache go on without end, and nothing else does")
    func whatGoesOnWithoutEnd() throws {
        let bound = ContextBound(modelLength: 512)
        #expect(try tokenCount(bound, nil) == 512)
        #expect(try tokenCount(bound, .window(length: 64)) == 512)
        #expect(try tokenCount(bound, .sinks(count: 4, window: 60, positions: .trueDistance)) == 512)
        #expect(try tokenCount(bound, Self.sinks) == nil)
        // As far as the model looks, and one further.
        #expect(try tokenCount(bound, .sinks(count: 4, window: 508, positions: .inCache)) == nil)
        #expect(try tokenCount(bound, .sinks(count: 4, window: 509, positions: .inCache)) == 512)
        // Layers with a window of their own keep it beside sinks in the others; alone they keep no sinks.
        #expect(try tokenCount(bound, Self.sinks, own: [.window(length: 32), .full]) == nil)
        #expect(
            try tokenCount(bound, Self.sinks, own: [.window(length: 32), .window(length: 32)]) == 512)
    }

    @Test("What was asked for ends every sequence")
    func whatWasAskedForHolds() throws {
        let bound = ContextBound(modelLength: 512, askedLength: 100)
        #expect(try tokenCount(bound, nil) == 100)
        #expect(try tokenCount(bound, Self.sinks) == 100)
        // Positions were scaled for 100.
        #expect(try tokenCount(bound, .sinks(count: 4, window: 100, positions: .inCache)) == 100)
    }

    @Test("More than the model was made for is had by what never looks so far, and refused elsewhere")
    func beyondTheModel() throws {
        let bound = ContextBound(modelLength: 512, askedLength: 10_000)
        #expect(bound.rotaryLength == 512)
        #expect(try tokenCount(bound, Self.sinks) == 10_000)
        for retention in [nil, Retention.window(length: 64)] {
            let error = try #require(throws: ModelError.self) { try tokenCount(bound, retention) }
            #expect(
                error.description == """
                    A context of 10000 tokens was asked for; the model was made for 512. Ask for 1 to 512, or keep sinks and a \
                    window within them (--kv-retention sinks=4+N), which never look further.
                    """)
        }
    }

    @Test("Where a length chooses how positions turn, the first form is the usual one")
    func theFirstFormIsTheUsualOne() throws {
        for (name, length, longest) in [
            ("llama-dynamic", 32, 64), ("llama-longrope", 32, 256), ("phi3-longrope", 32, 256),
            ("llama-yarn", 256, 256), ("llama-linear", 256, 256),
        ] {
            let specification = try ModelDescription(try GoldenModel.named(name).checkpoint()).specification
            #expect(specification.unscaledContextLength == length, "\(name)")
            #expect(specification.contextLength == longest, "\(name)")
            #expect(try ContextBound(specification).length == length, "\(name)")
            #expect(try ContextBound(specification, asked: longest).rotaryLength == longest, "\(name)")
        }
    }

    @Test("Learned positions end with their table, whatever is asked for")
    func learnedPositionsEnd() throws {
        let specification = try ModelDescription(try GoldenModel.named("gpt2-scaled").checkpoint())
            .specification
        #expect(throws: ModelError.self) { try ContextBound(specification, asked: 257) }
        #expect(throws: ModelError.self) { try ContextBound(specification, asked: 257, reachesBeyond: true) }
    }

    @Test(
        "A model's positions turn as those of a model loaded for its length",
        arguments: GoldenModel.coldLengths.indices)
    func positionsTurnAsTheLengthHasIt(index: Int) throws {
        let length = GoldenModel.coldLengths[index]
        for model in [
            GoldenModel.named("llama-dynamic"), .named("llama-longrope"), .named("phi3-longrope"),
            .named("phi3-longrope", .gguf),
        ] {
            let tokens = Array(try model.prompt().prefix(length))
            // Up to the original length nothing need be said.
            for asked in length <= 32 ? [length, nil] : [length] {
                let decoder = try Decoder.load(
                    try model.checkpoint(), precision: .f32, contextLength: asked)
                let bench = try Bench(decoder)
                let ours = try bench.logits(tokens, into: try bench.cache())
                let distance = relativeDistance(ours[length - 1], try model.coldLogits()[index])
                #expect(distance <= 1e-4, "\(model) of \(length) tokens, asked for \(asked ?? 0)")
            }
        }
    }

    /// A model that was made for 24 tokens reads 20 times as many.
    @Test("Sinks go on beyond the context, as float64 does")
    func sinksGoOn() throws {
        let directory = try TinyLlama(maxPositions: 24, layerCount: 2).write()
        let checkpoint = try Checkpoint.open(directory.path)
        let description = try ModelDescription(checkpoint)
        let weights = try CheckpointWeights(checkpoint, description)
        let decoder = try Decoder.load(checkpoint, precision: .f32)
        var generator = SeededGenerator(seed: 9)
        let tokens = (0..<20 * 24).map { _ in TokenID(generator.next() % 16) }
        for retention in [
            Retention.sinks(count: 4, window: 20, positions: .inCache),
            .sinks(count: 1, window: 7, positions: .inCache),
        ] {
            let reference = ReferenceDecoder(
                specification: description.specification, contextLength: 24,
                tensor: { place, kind in try? weights.floats(place, kind) },
                retentions: [retention, retention])
            let bench = try Bench(decoder)
            let ours = try bench.logits(tokens, into: try bench.cache(retention: retention), chunkLength: 37)
            for (position, (our, their)) in zip(ours, reference.logits(tokens)).enumerated() {
                #expect(relativeDistance(our, their.map(Float.init)) <= 1e-4, "position \(position)")
            }
        }
    }

    @Test("A window ends with the context")
    func aWindowEnds() throws {
        let directory = try TinyLlama(maxPositions: 24).write()
        let bench = try Bench(try Decoder.load(try Checkpoint.open(directory.path), precision: .f32))
        let cache = try bench.cache(retention: .window(length: 8))
        _ = try bench.logits(Array(repeating: 3, count: 24), into: cache)
        let error = try #require(throws: ModelError.self) { _ = try bench.logits([3], into: cache) }
        #expect(error.code == .contextFull)
        #expect(error.message == "The sequence would reach 25 tokens; the context length is 24.")
    }
}
