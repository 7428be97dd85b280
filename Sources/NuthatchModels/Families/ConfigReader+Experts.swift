import NuthatchCheckpoints
import NuthatchTensors

extension ConfigReader {
    /// A mixture of experts by what families call its sizes.
    func experts(countKey: String, sizeKey: String) throws(ModelError) -> DecoderSpecification.Experts {
        DecoderSpecification.Experts(
            count: try size(countKey, .expertCount),
            usedCount: try size("num_experts_per_tok", .expertCount),
            size: try size(sizeKey, .feedForwardSize))
    }
}

extension MetadataReader {
    /// A mixture of experts.
    ///
    /// - Parameter normalisesWeights: what the architecture does where files don't say.
    func experts(normalisesWeights: Bool) throws(ModelError) -> DecoderSpecification.Experts {
        var experts = DecoderSpecification.Experts(
            count: try size("expert_count", .expertCount),
            usedCount: try size("expert_used_count", .expertCount),
            size: try size(
                "expert_feed_forward_length", .feedForwardSize,
                default: try size("feed_forward_length", .feedForwardSize)))
        guard experts.usedCount <= experts.count else {
            throw .invalid(
                file: file, field: "\(architecture).expert_used_count",
                reason: "is \(experts.usedCount), and there are \(Counted.text(experts.count, "expert"))")
        }
        experts.normalisesWeights = try flag("expert_weights_norm", default: normalisesWeights)
        return experts
    }

    /// How many experts a file has: 0 where it has no mixtures of them.
    func expertCount() throws(ModelError) -> Int {
        try count("expert_count", .expertCount)
    }
}

extension [DecoderSpecification.Layer] {
    /// These layers with mixtures of experts, in all or by their numbers.
    func sparse(where isSparse: (Int) -> Bool = { _ in true }) -> [DecoderSpecification.Layer] {
        enumerated().map { index, layer in
            var layer = layer
            layer.isSparse = isSparse(index)
            return layer
        }
    }
}
