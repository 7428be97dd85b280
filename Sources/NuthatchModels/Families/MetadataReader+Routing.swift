import NuthatchCheckpoints
import NuthatchTensors

extension MetadataReader {
    /// Experts with what is said of choosing and weighing them; nil where there are none.
    ///
    /// - Parameter layer: the first that has some.
    func routedExperts(from layer: Int) throws(ModelError) -> DecoderSpecification.Experts? {
        guard try expertCount() > 0 else { return nil }
        var experts = try experts(normalisesWeights: false)
        // 0 is a count like others here; files that don't say it mean nothing by that.
        guard let sharedCount = try optionalCount("expert_shared_count", .expertCount) else {
            throw .checkpoint(
                .missingKey(
                    file: file, key: "\(architecture).expert_shared_count", expected: "an integer"))
        }
        experts.sharedSize = sharedCount == 0 ? nil : sharedCount * experts.size
        // Some files say 0 where nothing is multiplied.
        let isScaled = try number("expert_weights_scale", .magnitudeWeight) ?? 0 != 0
        experts.weightScale = isScaled ? try multiplier("expert_weights_scale") : nil
        experts.scoring = try gating()
        experts.hasSelectionBias = hasTensor("blk.\(layer).exp_probs_b.bias")
        experts.groups = try groups(of: experts)
        return experts
    }

    private func gating() throws(ModelError) -> DecoderSpecification.Experts.Scoring {
        let stated = try count("expert_gating_func", .expertCount)
        switch ExpertGating(rawValue: stated) {
        case .softmax: return .softmax
        case .logistic: return .logistic
        // Files of V2 don't say, nor do the first ones of GLM 4.7 Flash, which llama.cpp knows by its sizes.
        case nil where stated == 0:
            let vocabularySize = checkpoint.tensor(named: "\(WeightNames.gguf.embedding).weight")?.shape.first
            let isFlash = try (47...48).contains(layerCount()) && vocabularySize == 154_880
            return isFlash ? .logistic : .softmax
        case nil:
            throw .unsupportedValue(
                file: file, field: "\(architecture).expert_gating_func", found: "\(stated)",
                supported: ["1 (softmax)", "2 (sigmoid)"])
        }
    }

    private func groups(
        of experts: DecoderSpecification.Experts
    ) throws(ModelError) -> DecoderSpecification.Experts.Groups? {
        let groupCount = try count("expert_group_count", .expertCount)
        guard groupCount > 1 else { return nil }
        guard experts.count % groupCount == 0 else {
            throw .invalid(
                file: file, field: "\(architecture).expert_group_count",
                reason: "is \(groupCount), which doesn't divide the \(Counted.text(experts.count, "expert"))")
        }
        let usedCount = try size("expert_group_used_count", .expertCount)
        guard usedCount <= groupCount else {
            throw .invalid(
                file: file, field: "\(architecture).expert_group_used_count",
                reason: "is \(usedCount), and there are \(Counted.text(groupCount, "group"))")
        }
        let reachableCount = experts.count / groupCount * usedCount
        guard experts.usedCount <= reachableCount else {
            throw .invalid(
                file: file, field: "\(architecture).expert_used_count",
                reason:
                    "is \(experts.usedCount), and \(Counted.text(usedCount, "group")) "
                    + "\(Counted.have(usedCount)) \(Counted.text(reachableCount, "expert"))"
            )
        }
        guard usedCount < groupCount else { return nil }
        // No key says what a group is worth. V2, which alone takes softmax, goes by its best expert.
        return .init(
            count: groupCount, usedCount: usedCount, rank: experts.scoring == .softmax ? .best : .sumOfTwo)
    }
}

/// What `expert_gating_func` stands for; llama.cpp has more.
enum ExpertGating: Int {
    case softmax = 1
    case logistic = 2
}
