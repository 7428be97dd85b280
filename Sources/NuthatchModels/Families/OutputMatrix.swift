import NuthatchCheckpoints

extension WeightNames {
    /// These names with the output matrix for the embedding too, where the header ties the two and the file has that one
    /// alone: transformers takes it for both.
    func withOutputForEmbedding(
        _ specification: DecoderSpecification, in checkpoint: Checkpoint
    ) -> WeightNames {
        let output = source(.output, .weight, in: specification).tensor
        let embedding = source(.embedding, .weight, in: specification).tensor
        guard specification.embedding.isTied, !specification.isEncoder, checkpoint.holds(output),
            !checkpoint.holds(embedding)
        else { return self }
        var names = self
        names.embedding = self.output
        return names
    }
}

extension ModelDescription {
    /// What was read of the output matrix's tensor for want of another; nil where nothing was.
    static func remark(_ read: WeightNames, as taken: WeightNames) -> String? {
        guard read.embedding != taken.embedding else { return nil }
        return
            "The file has no \(read.embedding).weight, and the header ties it to the output matrix: "
            + "\(taken.embedding).weight is used for both, as in transformers."
    }

    /// The specification with an output matrix of its own where the file has one, although its header ties it to the
    /// embedding.
    ///
    /// transformers 5 ties two matrices that are both in a file only if they are equal (`tie_weights`); earlier versions
    /// took the embedding for both.
    static func withOwnOutput(
        _ specification: DecoderSpecification, _ names: WeightNames, in checkpoint: Checkpoint
    ) -> DecoderSpecification {
        guard specification.embedding.isTied, !specification.isEncoder else { return specification }
        let output = names.source(.output, .weight, in: specification).tensor
        let embedding = names.source(.embedding, .weight, in: specification).tensor
        guard checkpoint.holds(output), checkpoint.holds(embedding), output != embedding,
            !checkpoint.holdsSame(output, as: embedding)
        else { return specification }
        return specification.untied
    }

    /// What was read otherwise than the header says it; nil where nothing was.
    static func remark(
        _ read: DecoderSpecification, as taken: DecoderSpecification, _ names: WeightNames
    ) -> String? {
        guard read.embedding.isTied != taken.embedding.isTied else { return nil }
        let output = names.source(.output, .weight, in: taken).tensor
        let embedding = names.source(.embedding, .weight, in: taken).tensor
        return
            "The header ties the output matrix to the embedding, and \(output) differs from \(embedding): the file's "
            + "own matrix is used, as transformers does since version 5."
    }
}

extension DecoderSpecification {
    /// This decoder with an output matrix of its own.
    fileprivate var untied: DecoderSpecification {
        var other = self
        other.untie()
        return other
    }
}
