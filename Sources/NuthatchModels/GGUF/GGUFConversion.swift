package import NuthatchCheckpoints
import NuthatchTensors

/// A model of a Hugging Face directory as its GGUF file holds it: header and tensors, named, ordered and shifted as
/// llama.cpp reads them.
package struct GGUFConversion {
    /// Without the tokenizer's.
    package let fields: GGUFFields
    package let tensors: [WritableTensor]
    /// What llama.cpp will do otherwise than the original, in sentences.
    package let notes: [String]
    private let path: String
    private let description: ModelDescription
    private let dialect: GGUFDialect

    /// - Throws: `ModelError.notWritable` for a family without an architecture in llama.cpp and for decoders that its
    ///   architecture has no word for; what is wrong with the checkpoint.
    package init(_ checkpoint: Checkpoint) throws(ModelError) {
        let description: ModelDescription
        switch try ModelHeader(checkpoint) {
        case .decoder(let decoder): description = decoder
        case .encoderDecoder(let other):
            throw .notWritable(
                file: checkpoint.path, family: other.family,
                reason: "it is an encoder-decoder, and Nuthatch writes decoders alone")
        }
        guard let dialect = ModelFamily.all.first(where: { $0.name == description.family })?.dialect else {
            throw .notWritable(
                file: checkpoint.path, family: description.family,
                reason: "Nuthatch writes none of llama.cpp's architectures for it")
        }
        let weights = try CheckpointWeights(checkpoint, description)
        path = checkpoint.path
        self.description = description
        self.dialect = dialect
        let specification = description.specification
        guard dialect.biases.allow(specification) else {
            throw .notWritable(
                file: checkpoint.path, family: description.family,
                reason: "its biases are not those of llama.cpp's architecture \(dialect.architecture)")
        }
        let writer = MetadataWriter(specification, dialect: dialect, name: checkpoint.name)
        fields = writer.fields
        tensors =
            writer.factors.map { name, values in
                WritableTensor(name: name, shape: [values.count], storedFormat: nil) { TensorRows(values) }
            } + Self.tensors(weights, dialect)
        notes =
            (description.remark.map { [$0] } ?? []) + weights.leftOut.summaries.map { "Left out: \($0)." }
            + Self.notes(specification, dialect)
    }

    /// Ids that the model has, with a piece or without.
    package var vocabularySize: Int { description.specification.embedding.vocabularySize }

    /// Reads what was written and holds it against the original.
    ///
    /// - Throws: `ModelError.notWritable` naming the first thing that the file says otherwise.
    package func check(_ written: Checkpoint) throws(ModelError) {
        let found = try ModelDescription(written)
        if let field = found.specification.firstDifference(
            from: description.specification, pairing: dialect.pairing)
        {
            throw .notWritable(
                file: path, family: description.family,
                reason: "GGUF files of the architecture \(dialect.architecture) have no word for \(field)")
        }
        _ = try CheckpointWeights(written, found)
    }

    private static func notes(
        _ specification: DecoderSpecification, _ dialect: GGUFDialect
    ) -> [String] {
        var notes: [String] = []
        if dialect.window == .stated, let window = specification.windowLength {
            notes.append(
                "llama.cpp ignores the sliding window of \(Counted.text(window, "token")) in \(dialect.architecture) models; "
                    + "Nuthatch keeps it.")
        }
        if specification.feedForward.activation == .geluErf {
            notes.append("llama.cpp computes this model's exact GELU by an approximation.")
        }
        if case .yarn(let scaling) = specification.layers.first(where: { $0.rotary != nil })?.rotary?.scaling,
            scaling.fastTurns != 32 || scaling.slowTurns != 1
        {
            notes.append(
                "llama.cpp takes 32 and 1 turns for YaRN's ramp in \(dialect.architecture) models; Nuthatch takes this "
                    + "model's \(scaling.fastTurns) and \(scaling.slowTurns).")
        }
        if let latent = specification.attention.latent, latent.normEpsilon != specification.norms.epsilon {
            notes.append(
                "llama.cpp normalises latents with an epsilon of \(specification.norms.epsilon); this model has "
                    + "\(latent.normEpsilon) for them, and Nuthatch keeps it.")
        }
        if specification.feedForward.experts?.groups?.rank == .best {
            notes.append(
                "llama.cpp ranks groups of experts by the sum of their two best scores; this model takes the best "
                    + "alone, and so does Nuthatch.")
        }
        return notes
    }
}
