import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors

/// Decoders of random weights, the small ones that introductions print shapes of. The same seed gives the same weights.
///
/// A file holds the weights for as long as it takes to map it, so that they are packed as any model's are.
enum ToyDecoder {
    /// Two layers of four heads, hidden size 256, vocabulary 100.
    static func tinyLlama(scratch directory: String) throws -> Decoder {
        try decoder(
            directory,
            name: "tiny Llama of random weights", seed: 1, headCount: 4, headDimension: 64, layerCount: 2,
            feedForwardSize: 512, vocabularySize: 100, rotaryBase: 10_000, hasBias: false)
    }

    /// One layer of one head, dimension 128, vocabulary 64, without positions.
    static func oneHead(scratch directory: String) throws -> Decoder {
        try decoder(
            directory,
            name: "decoder of one head and random weights", seed: 2, headCount: 1, headDimension: 128,
            layerCount: 1, feedForwardSize: 128, vocabularySize: 64, rotaryBase: nil, hasBias: true)
    }

    private static func decoder(
        _ directory: String, name: String, seed: UInt64, headCount: Int, headDimension: Int, layerCount: Int,
        feedForwardSize: Int, vocabularySize: Int, rotaryBase: Double?, hasBias: Bool
    ) throws -> Decoder {
        var attention = DecoderSpecification.Attention(
            heads: DecoderSpecification.Heads(
                queryCount: headCount, kvCount: headCount, dimension: headDimension))
        attention.hasInputBias = hasBias
        let rotary = rotaryBase.map { base in
            RotaryEmbedding(base: base, dimension: headDimension, scaling: .none, pairing: .halves)
        }
        let specification = try DecoderSpecification(
            file: name, hiddenSize: headCount * headDimension, contextLength: 2048,
            embedding: DecoderSpecification.Embedding(vocabularySize: vocabularySize, isTied: false),
            attention: attention,
            feedForward: DecoderSpecification.FeedForward(size: feedForwardSize, activation: .silu),
            norms: DecoderSpecification.Norms(kind: .rms(weightOffset: 0), epsilon: 1e-6),
            layers: (0..<layerCount).map { _ in
                DecoderSpecification.Layer(retention: .full, rotary: rotary)
            })
        let description = ModelDescription(family: name, specification: specification, names: .huggingFace)
        return try Decoder(
            try checkpoint(description, seed: seed, in: directory), described: description, precision: .f32)
    }

    /// A file of such weights, mapped; it has no name any more when this returns.
    private static func checkpoint(
        _ description: ModelDescription, seed: UInt64, in directory: String
    ) throws -> Checkpoint {
        var generator = SeededGenerator(seed: seed)
        let expected = description.specification.expectedTensors
        var fields = GGUFFields()
        fields.set("general.architecture", "llama")
        let path = FileName.unique(directory + "/nuthatch-toy-")
        let layout = try GGUFLayout(
            fields,
            tensors: expected.map {
                .init(name: description.source($0.place, $0.kind).tensor, format: .f32, shape: $0.shape)
            }, file: path)
        let file = try StagedFile(target: path, byteCount: layout.byteCount, replaces: true)
        try layout.header.withUnsafeBytes { try file.write($0, at: 0) }
        for (tensor, range) in zip(expected, layout.ranges) {
            // Weights of matrices keep the length of what they multiply, as PyTorch's own start; norms begin at 1.
            let isNorm = tensor.shape.count == 1 && tensor.kind == .weight
            let bound = 1 / Float(tensor.shape.last ?? 1).squareRoot() * Float(3).squareRoot()
            let values = (0..<tensor.shape.reduce(1, *)).map { _ in
                isNorm ? 1 : bound * Float(2 * generator.unit() - 1)
            }
            try values.withUnsafeBytes { try file.write($0, at: range.lowerBound) }
        }
        return try Checkpoint.open(file.path)
    }
}
