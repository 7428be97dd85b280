import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport

/// A decoder of random shape, switches and weights, written as a checkpoint.
struct RandomModel {
    let description: ModelDescription
    let checkpoint: Checkpoint
    let tensors: [String: [Float]]
    /// Keeps the checkpoint's files.
    let directory: TemporaryDirectory

    init(seed: UInt64, hasMemoryGates: Bool = false) throws {
        var generator = SeededGenerator(seed: seed)
        let specification = try Self.specification(&generator, hasMemoryGates: hasMemoryGates)
        var names = WeightNames.huggingFace
        names.parts[.attentionPostNorm] = "post_attention"
        names.parts[.feedForwardPostNorm] = "post_feed_forward"
        var tensors: [String: [Float]] = [:]
        var writer = SafetensorsWriter()
        let description = ModelDescription(family: "Random", specification: specification, names: names)
        for expected in specification.expectedTensors {
            let name = description.source(expected.place, expected.kind).tensor
            // Weights of matrices keep the length of what they multiply; norms' weights lie around 1.
            let deviation = expected.shape.count == 2 ? 1 / Float(expected.shape[1]).squareRoot() : 0.3
            let mean: Float = expected.shape.count == 1 && expected.kind == .weight ? 1 : 0
            let values = (0..<expected.shape.reduce(1, *)).map { _ in mean + deviation * generator.normal() }
            tensors[name] = values
            writer.add(name, shape: expected.shape, values)
        }
        directory = try TemporaryDirectory()
        try directory.write(Array("{}".utf8), as: "config.json")
        try directory.write(try writer.bytes(), as: "model.safetensors")
        checkpoint = try Checkpoint.open(directory.path)
        self.description = description
        self.tensors = tensors
    }

    func decoder(_ precision: WeightPrecision) throws -> Decoder {
        try Decoder(checkpoint, described: description, precision: precision)
    }

    func reference() -> ReferenceDecoder {
        ReferenceDecoder(
            specification: description.specification, contextLength: description.specification.contextLength
        ) { tensors[description.source($0, $1).tensor] }
    }

    func tokens(count: Int, seed: UInt64) -> [TokenID] {
        var generator = SeededGenerator(seed: seed)
        let last = TokenID(description.specification.embedding.vocabularySize - 1)
        return (0..<count).map { _ in TokenID.random(in: 0...last, using: &generator) }
    }

    private static func specification(
        _ generator: inout SeededGenerator, hasMemoryGates: Bool
    ) throws -> DecoderSpecification {
        func pick<Value>(_ values: [Value]) -> Value { values[Int(generator.next() % UInt64(values.count))] }
        let kvCount = pick([1, 2, 3])
        let dimension = pick([6, 8, 12, 20, 24])
        let heads = DecoderSpecification.Heads(
            queryCount: kvCount * pick([1, 2, 5]), kvCount: kvCount, dimension: dimension)
        var attention = DecoderSpecification.Attention(heads: heads)
        attention.softcap = pick([nil, nil, 5])
        attention.headNorm = pick([nil, .each, .all])
        attention.hasInputBias = pick([false, true])
        attention.hasOutputBias = pick([false, true])
        attention.hasMemoryGates = hasMemoryGates
        let rotaries: [RotaryEmbedding?] = (0..<2).map { _ in
            RotaryEmbedding(
                base: pick([100, 10_000]), dimension: pick([dimension, dimension / 2 / 2 * 2]),
                scaling: pick([.none, .linear(LinearScaling(factor: 3))]),
                pairing: pick([.halves, .neighbours]))
        }
        let experts = experts(&generator)
        let layers = (0..<pick([1, 2, 3])).map { _ in
            DecoderSpecification.Layer(
                retention: pick([.full, .window(length: 1), .window(length: 7), .window(length: 20)]),
                // Compressive memory and sinks at positions in the cache want something that turns.
                rotary: hasMemoryGates ? pick(rotaries) : pick(rotaries + [nil]),
                scoreScale: pick([nil, 0.5]), isSparse: experts != nil && pick([false, true, true]))
        }
        let hiddenSize = pick([10, 33, 64])
        let arrangement: DecoderSpecification.Arrangement = pick([
            .sequential, .sequential, .parallel(sharesNorm: false), .parallel(sharesNorm: true),
        ])
        var feedForward = DecoderSpecification.FeedForward(
            size: pick([5, 48]), activation: pick(Activation.allCases),
            isGated: experts != nil || pick([true, true, false]),
            hasBias: experts == nil && pick([false, true]))
        feedForward.experts = experts
        return try DecoderSpecification(
            file: "random", hiddenSize: hiddenSize, contextLength: 128,
            embedding: DecoderSpecification.Embedding(
                vocabularySize: pick([17, 40]), isTied: pick([false, true]), scale: pick([nil, 3]),
                logitScale: pick([nil, 0.5]), logitSoftcap: pick([nil, 4]),
                positions: pick([nil, nil, .init(count: 128, offset: 3)]),
                projectedWidth: pick([nil, nil, hiddenSize - 3])),
            attention: attention,
            feedForward: feedForward,
            norms: DecoderSpecification.Norms(
                kind: pick([.rms(weightOffset: 0), .rms(weightOffset: 1), .layer]), epsilon: 1e-5,
                order: arrangement == .sequential
                    ? pick([.before, .around, .after, .afterSum]) : .before,
                hasFinal: pick([true, true, false])),
            arrangement: arrangement, layers: layers,
            residualScale: arrangement == .sequential ? pick([nil, nil, 0.7]) : nil)
    }

    private static func experts(_ generator: inout SeededGenerator) -> DecoderSpecification.Experts? {
        func pick<Value>(_ values: [Value]) -> Value { values[Int(generator.next() % UInt64(values.count))] }
        guard pick([false, true]) else { return nil }
        var experts = DecoderSpecification.Experts(
            count: pick([4, 8, 12]), usedCount: pick([1, 2, 3]), size: pick([7, 32]))
        experts.scoring = pick([.softmax, .logistic])
        experts.normalisesWeights = pick([false, true])
        experts.weightScale = pick([nil, 2.5])
        experts.hasSelectionBias = pick([false, true])
        experts.sharedSize = pick([nil, 9, 32])
        experts.groups = pick([
            nil, .init(count: 2, usedCount: 2, rank: .best), .init(count: 4, usedCount: 3, rank: .sumOfTwo),
        ])
        return experts
    }
}
