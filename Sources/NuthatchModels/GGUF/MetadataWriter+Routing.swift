import NuthatchTensors

extension MetadataWriter {
    /// How experts are chosen and weighed.
    mutating func setRouting(_ experts: DecoderSpecification.Experts) {
        set("leading_dense_block_count", specification.leadingDenseCount)
        set("expert_shared_count", (experts.sharedSize ?? 0) / experts.size)
        switch experts.scoring {
        case .softmax: set("expert_gating_func", ExpertGating.softmax.rawValue)
        case .logistic: set("expert_gating_func", ExpertGating.logistic.rawValue)
        }
        set("expert_weights_norm", experts.normalisesWeights)
        if let scale = experts.weightScale { set("expert_weights_scale", Double(scale)) }
        if let groups = experts.groups {
            set("expert_group_count", groups.count)
            set("expert_group_used_count", groups.usedCount)
        }
    }
}

extension DecoderSpecification {
    /// Layers before the first with experts.
    var leadingDenseCount: Int { layers.firstIndex(where: \.isSparse) ?? layers.count }
}
