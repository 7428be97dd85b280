import NuthatchCheckpoints
import NuthatchTensors

/// Reads a decoder's parts from a GGUF header.
///
/// Sizes are held against their limits as they are read, so families may compute with them. Where a file says
/// something by having a tensor (biases, an output matrix of its own), so does this reader.
struct MetadataReader {
    let architecture: String
    let metadata: GGUFMetadata
    let checkpoint: Checkpoint

    init(_ file: GGUFFile, checkpoint: Checkpoint) throws(ModelError) {
        architecture = try reading { () throws(CheckpointError) in try file.metadata.architecture() }
        metadata = file.metadata.scoped(to: architecture)
        self.checkpoint = checkpoint
    }

    var file: String { checkpoint.path }

    // MARK: Values

    /// A size that files give once or, where it may differ, once per layer; here all layers must agree.
    func size(_ key: String, _ limit: ModelLimit, default: Int? = nil) throws(ModelError) -> Int {
        let stated = try optionalInteger(key)
        guard let value = stated ?? `default` else {
            throw .checkpoint(
                .missingKey(file: file, key: "\(architecture).\(key)", expected: "an integer"))
        }
        try limit.check(value, file: file, field: "\(architecture).\(key)")
        return value
    }

    /// An integer that files give once or, where it may differ, once per layer; here all layers must agree.
    func optionalInteger(_ key: String) throws(ModelError) -> Int? {
        try reading { () throws(CheckpointError) in
            guard metadata.type(of: key) == .array else {
                return try metadata.optionalInteger(key).map { [$0] }
            }
            return try byLayer(try metadata.integers(key), key)
        }?.shared(file: file, field: "\(architecture).\(key)")
    }

    /// A list of a value for each layer, as which llama.cpp takes no other.
    private func byLayer<Value>(_ values: [Value], _ key: String) throws(CheckpointError) -> [Value] {
        let countKey = "block_count"
        guard key != countKey, metadata.type(of: countKey) != .array,
            let layerCount = try metadata.optionalInteger(countKey), layerCount != values.count
        else { return values }
        throw .malformed(
            file: file, field: "\(architecture).\(key)",
            reason: "it has \(Counted.text(values.count, "entry")) for \(Counted.text(layerCount, "layer"))")
    }

    /// A number of things that may be none; missing is 0.
    func count(_ key: String, _ limit: ModelLimit) throws(ModelError) -> Int {
        try optionalCount(key, limit) ?? 0
    }

    /// A number of things that may be none.
    func optionalCount(_ key: String, _ limit: ModelLimit) throws(ModelError) -> Int? {
        guard let value = try optionalInteger(key) else { return nil }
        guard (0...limit.maximum).contains(value) else {
            throw .outOfRange(file: file, field: "\(architecture).\(key)", found: value, limit: limit)
        }
        return value
    }

    /// A number within the range of its kind, given once or the same for each layer; nil where the file has none.
    func number(_ key: String, _ kind: ModelNumber) throws(ModelError) -> Double? {
        let field = "\(architecture).\(key)"
        let values = try reading { () throws(CheckpointError) in
            guard metadata.type(of: key) == .array else {
                return try metadata.optionalNumber(key).map { [$0] }
            }
            return try byLayer(try metadata.numbers(key), key)
        }
        guard let values else { return nil }
        guard let value = values.first, values.allSatisfy({ $0 == value || $0.isNaN }) else {
            throw .differsByLayer(file: file, field: field, values: values.map { "\($0)" })
        }
        try kind.check(value, file: file, field: field)
        return value
    }

    /// A number that multiplies something; 1 or missing: nothing is multiplied.
    func multiplier(_ key: String) throws(ModelError) -> Float? {
        let value = try number(key, .multiplier).map(Float.init)
        return value == 1 ? nil : value
    }

    func flag(_ key: String, default: Bool) throws(ModelError) -> Bool {
        let values = try reading { () throws(CheckpointError) in
            guard metadata.type(of: key) == .array else { return try metadata.optionalBool(key).map { [$0] } }
            return try byLayer(try metadata.bools(key), key)
        }
        guard let values else { return `default` }
        guard let value = values.first, values.allSatisfy({ $0 == value }) else {
            throw .differsByLayer(
                file: file, field: "\(architecture).\(key)", values: values.map { "\($0)" })
        }
        return value
    }

    /// Refuses what other families compute with and this one would leave out of each number.
    ///
    /// - Parameter scalesLogits: whether the family reads `logit_scale`.
    func refuseUncomputed(scalesLogits: Bool = false) throws(ModelError) {
        func unsupported(_ key: String, _ found: String, _ supported: String) -> ModelError {
            .unsupportedValue(
                file: file, field: "\(architecture).\(key)", found: found, supported: [supported])
        }
        if try !flag("attention.causal", default: true) {
            throw unsupported("attention.causal", "false", "true")
        }
        // Bounds of what the projections give, which 0 leaves as it is.
        if let bound = try number("attention.clamp_kqv", .clamp), bound > 0 {
            throw unsupported("attention.clamp_kqv", "\(bound)", "0")
        }
        if !scalesLogits, let scale = try number("logit_scale", .multiplier), scale != 1 {
            throw unsupported("logit_scale", "\(scale)", "1")
        }
    }

    func hasTensor(_ name: String) -> Bool { checkpoint.tensor(named: name) != nil }

    // MARK: Parts

    func hiddenSize() throws(ModelError) -> Int { try size("embedding_length", .hiddenSize) }

    /// Without those behind that guess further tokens (multi-token prediction).
    func layerCount() throws(ModelError) -> Int {
        let (all, guessing) = (try size("block_count", .layerCount), try guessingLayerCount())
        guard guessing < all else {
            throw .invalid(
                file: file, field: "\(architecture).nextn_predict_layers",
                reason: "is \(guessing) of \(Counted.text(all, "layer"))")
        }
        return all - guessing
    }

    func guessingLayerCount() throws(ModelError) -> Int { try count("nextn_predict_layers", .layerCount) }

    func attention() throws(ModelError) -> DecoderSpecification.Attention {
        let queryCount = try size("attention.head_count", .headCount)
        let dimension = try size(
            "attention.key_length", .headDimension, default: try hiddenSize() / queryCount)
        let valueDimension = try size("attention.value_length", .headDimension, default: dimension)
        guard valueDimension == dimension else {
            throw .unsupportedValue(
                file: file, field: "\(architecture).attention.value_length", found: "\(valueDimension)",
                supported: ["\(dimension), the length of keys"])
        }
        var attention = DecoderSpecification.Attention(
            heads: DecoderSpecification.Heads(
                queryCount: queryCount,
                kvCount: try size("attention.head_count_kv", .headCount, default: queryCount),
                dimension: dimension),
            scale: try number("attention.scale", .scoreScale).map(Float.init))
        attention.softcap = try number("attn_logit_softcapping", .softcap).map(Float.init)
        attention.hasInputBias = hasTensor("blk.0.attn_q.bias") || hasTensor("blk.0.attn_qkv.bias")
        attention.hasOutputBias = hasTensor("blk.0.attn_output.bias")
        return attention
    }

    func feedForward(
        activation: Activation = .silu, isGated: Bool = true, experts: DecoderSpecification.Experts? = nil
    ) throws(ModelError) -> DecoderSpecification.FeedForward {
        let expertCount = try expertCount()
        guard expertCount == experts?.count ?? 0 else {
            throw .unsupportedValue(
                file: file, field: "\(architecture).expert_count", found: "\(expertCount)", supported: ["0"])
        }
        var feedForward = DecoderSpecification.FeedForward(
            size: try size("feed_forward_length", .feedForwardSize, default: experts?.size),
            activation: activation, isGated: isGated, hasBias: hasTensor("blk.0.ffn_down.bias"))
        feedForward.experts = experts
        return feedForward
    }

    func rmsNorms(
        order: DecoderSpecification.Norms.Order = .before
    ) throws(ModelError) -> DecoderSpecification.Norms {
        DecoderSpecification.Norms(
            kind: .rms(weightOffset: 0), epsilon: try epsilon("attention.layer_norm_rms_epsilon"),
            order: order)
    }

    func layerNorms() throws(ModelError) -> DecoderSpecification.Norms {
        DecoderSpecification.Norms(kind: .layer, epsilon: try epsilon("attention.layer_norm_epsilon"))
    }

    private func epsilon(_ key: String) throws(ModelError) -> Float {
        guard let value = try number(key, .epsilon) else {
            throw .checkpoint(.missingKey(file: file, key: "\(architecture).\(key)", expected: "a number"))
        }
        return Float(value)
    }

    /// As many learned positions as the context is long.
    func learnedPositions() throws(ModelError) -> DecoderSpecification.LearnedPositions {
        DecoderSpecification.LearnedPositions(count: try size("context_length", .contextLength))
    }

    /// 0 stands for none in some files.
    func window() throws(ModelError) -> Int? {
        let key = "attention.sliding_window"
        guard let stated = try optionalInteger(key), stated != 0 else { return nil }
        return try size(key, .contextLength)
    }

    /// Which layers slide: stated layer by layer, or as the period in which the last one does not.
    func slidingLayers(defaultPeriod: Int) throws(ModelError) -> [Bool] {
        let key = "attention.sliding_window_pattern"
        let layerCount = try layerCount()
        if metadata.type(of: key) == .array {
            let stated = try reading { () throws(CheckpointError) in try metadata.bools(key) }
            guard stated.count == layerCount else {
                throw .invalid(
                    file: file, field: "\(architecture).\(key)",
                    reason:
                        "has \(Counted.text(stated.count, "entry")) for \(Counted.text(layerCount, "layer"))")
            }
            return stated
        }
        let period = try size(key, .layerCount, default: defaultPeriod)
        return (0..<layerCount).map { ($0 + 1) % period != 0 }
    }

    /// The whole, from its parts and the fields that all families share.
    ///
    /// - Parameters:
    ///   - scalesLogits: whether the family reads `logit_scale`.
    ///   - adjust: says what else the embedding has.
    func specification(
        attention: DecoderSpecification.Attention, feedForward: DecoderSpecification.FeedForward,
        norms: DecoderSpecification.Norms, arrangement: DecoderSpecification.Arrangement = .sequential,
        layers: [DecoderSpecification.Layer], residualScale: Float? = nil,
        scalesLogits: Bool = false,
        embedding adjust: (inout DecoderSpecification.Embedding) throws(ModelError) -> Void = { _ in }
    ) throws(ModelError) -> DecoderSpecification {
        try refuseUncomputed(scalesLogits: scalesLogits)
        let name = "\(WeightNames.gguf.embedding).weight"
        guard let stored = checkpoint.tensor(named: name) else {
            throw .checkpoint(.missingTensor(file: file, tensor: name))
        }
        var embedding = DecoderSpecification.Embedding(
            // The header's own count is optional; the tensor's first dimension is what ids index.
            vocabularySize: stored.shape.first ?? 0,
            isTied: !hasTensor("\(WeightNames.gguf.output).weight"),
            logitSoftcap: try number("final_logit_softcapping", .softcap).map(Float.init))
        try adjust(&embedding)
        return try DecoderSpecification(
            file: file, hiddenSize: try hiddenSize(),
            contextLength: try size("context_length", .contextLength),
            embedding: embedding, attention: attention, feedForward: feedForward, norms: norms,
            arrangement: arrangement, layers: layers, residualScale: residualScale)
    }
}
