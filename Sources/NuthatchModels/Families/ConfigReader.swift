import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

/// Reads a decoder's parts from config.json of a Hugging Face directory.
///
/// Sizes are held against their limits as they are read, so families may compute with them.
struct ConfigReader {
    let root: JSONField
    let checkpoint: Checkpoint
    /// What a family's files call fields that most spell otherwise, by the name most give them.
    var spellings: [String: String] = [:]

    var file: String { root.file }

    func architecture() throws(ModelError) -> String {
        let names = try reading { () throws(CheckpointError) in try root.strings("architectures") }
        guard let first = names.first else {
            throw .invalid(file: file, field: "architectures", reason: "is empty")
        }
        return first
    }

    /// This file, read with a family's own spellings of fields.
    func spelling(_ spellings: [String: String]) -> ConfigReader {
        ConfigReader(root: root, checkpoint: checkpoint, spellings: spellings)
    }

    /// A field's name in this file.
    func spelled(_ key: String) -> String { root[key] == nil ? spellings[key] ?? key : key }

    // MARK: Values

    /// A size that files give once or, in some families, once per layer; here all layers must agree.
    func size(_ key: String, _ limit: ModelLimit, default: Int? = nil) throws(ModelError) -> Int {
        let key = spelled(key)
        let value = try reading { () throws(CheckpointError) in
            if root[key]?.value.array?.isEmpty == false { return try root.integers(key) }
            if let `default` { return [try root.optionalInteger(key) ?? `default`] }
            return [try root.integer(key)]
        }.shared(file: file, field: key)
        try limit.check(value, file: file, field: key)
        return value
    }

    /// A number of things that may be none; missing is 0.
    func count(_ key: String, _ limit: ModelLimit) throws(ModelError) -> Int {
        let value = try integer(key, default: 0)
        guard (0...limit.maximum).contains(value) else {
            throw .outOfRange(file: file, field: key, found: value, limit: limit)
        }
        return value
    }

    func integer(_ key: String, default: Int) throws(ModelError) -> Int {
        try reading { () throws(CheckpointError) in try root.optionalInteger(spelled(key)) ?? `default` }
    }

    func string(_ key: String) throws(ModelError) -> String? {
        try reading { () throws(CheckpointError) in try root.optionalString(spelled(key)) }
    }

    /// An array of numbers; empty where the file has none.
    func integers(_ key: String) throws(ModelError) -> [Int] {
        try reading { () throws(CheckpointError) in try root.optionalIntegers(spelled(key)) ?? [] }
    }

    func flag(_ key: String, default: Bool = false) throws(ModelError) -> Bool {
        try reading { () throws(CheckpointError) in try root.optionalBool(spelled(key)) ?? `default` }
    }

    /// A number within the range of its kind; nil where the file has none.
    func number(_ key: String, _ kind: ModelNumber) throws(ModelError) -> Double? {
        try number(spelled(key), kind, in: root)
    }

    func number(_ key: String, _ kind: ModelNumber, default: Double) throws(ModelError) -> Double {
        try number(key, kind) ?? `default`
    }

    /// A number of an object within the file.
    func number(_ key: String, _ kind: ModelNumber, in object: JSONField) throws(ModelError) -> Double? {
        let value = try reading { () throws(CheckpointError) in try object.optionalNumber(key) }
        guard let value else { return nil }
        try kind.check(value, file: file, field: object.path.isEmpty ? key : "\(object.path).\(key)")
        return value
    }

    /// A number that multiplies something; 1 or missing: nothing is multiplied.
    func multiplier(_ key: String) throws(ModelError) -> Float? {
        let value = try number(key, .multiplier, default: 1)
        return value == 1 ? nil : Float(value)
    }

    /// A cap on scores or logits; null: none.
    func softcap(_ key: String, default: Float? = nil) throws(ModelError) -> Float? {
        root.states(key) ? try number(key, .softcap).map(Float.init) : `default`
    }

    /// A switch that only models beyond this decoder turn on, or off.
    func refuse(_ key: String, _ refused: Bool = true, default: Bool = false) throws(ModelError) {
        if try flag(key, default: `default`) == refused {
            throw .unsupportedValue(file: file, field: key, found: "\(refused)", supported: ["\(!refused)"])
        }
    }

    // MARK: Parts

    func hiddenSize() throws(ModelError) -> Int { try size("hidden_size", .hiddenSize) }

    func layerCount() throws(ModelError) -> Int { try size("num_hidden_layers", .layerCount) }

    /// - Parameters:
    ///   - dimension: the family's head dimension where the file states none; nil divides the hidden size.
    ///   - isGrouped: whether the family reads `num_key_value_heads`; files of others may hold the field all the same.
    func heads(
        dimension: Int? = nil, isGrouped: Bool = true
    ) throws(ModelError) -> DecoderSpecification.Heads {
        let queryCount = try size("num_attention_heads", .headCount)
        let kvCount =
            isGrouped ? try size("num_key_value_heads", .headCount, default: queryCount) : queryCount
        let quotient = try hiddenSize() / queryCount
        return DecoderSpecification.Heads(
            queryCount: queryCount, kvCount: kvCount,
            dimension: try size("head_dim", .headDimension, default: dimension ?? quotient))
    }

    /// Attention whose inputs and outputs have biases or not by one switch.
    ///
    /// - Parameters:
    ///   - dimension: as for `heads`, as is `isGrouped`.
    ///   - biasKey: the switch.
    ///   - hasBias: what it is where files don't say.
    func attention(
        dimension: Int? = nil, isGrouped: Bool = true, biasKey: String = "attention_bias",
        hasBias: Bool = false
    ) throws(ModelError) -> DecoderSpecification.Attention {
        var attention = DecoderSpecification.Attention(
            heads: try heads(dimension: dimension, isGrouped: isGrouped))
        attention.hasInputBias = try flag(biasKey, default: hasBias)
        attention.hasOutputBias = attention.hasInputBias
        return attention
    }

    /// - Parameter defaultSize: where files may leave the size out.
    func feedForward(
        activationKey: String = "hidden_act", default: Activation = .silu, defaultSize: Int? = nil,
        isGated: Bool = true, hasBias: Bool = false
    ) throws(ModelError) -> DecoderSpecification.FeedForward {
        DecoderSpecification.FeedForward(
            size: try size("intermediate_size", .feedForwardSize, default: defaultSize),
            activation: try activation(activationKey) ?? `default`, isGated: isGated, hasBias: hasBias)
    }

    func activation(_ key: String) throws(ModelError) -> Activation? {
        let key = spelled(key)
        guard let name = try statedString(key) else { return nil }
        return try activation(named: name, field: key)
    }

    /// A text that the file may leave out, but not leave empty: null names none.
    func statedString(_ key: String) throws(ModelError) -> String? {
        let key = spelled(key)
        guard root.states(key) else { return nil }
        return try reading { () throws(CheckpointError) in try root.string(key) }
    }

    /// What transformers calls an activation.
    func activation(named name: String, field key: String) throws(ModelError) -> Activation {
        switch name {
        case "silu", "swish": return .silu
        case "gelu": return .geluErf
        case "gelu_pytorch_tanh", "gelu_new", "gelu_fast": return .geluTanh
        case "relu": return .relu
        case "quick_gelu": return .geluLogistic
        default:
            throw .unsupportedValue(
                file: file, field: key, found: name,
                supported: ["silu", "gelu", "gelu_pytorch_tanh", "relu", "quick_gelu"])
        }
    }

    func rmsNorms(
        weightOffset: Float = 0, epsilon: Double = 1e-6,
        order: DecoderSpecification.Norms.Order = .before
    ) throws(ModelError) -> DecoderSpecification.Norms {
        DecoderSpecification.Norms(
            kind: .rms(weightOffset: weightOffset),
            epsilon: Float(try number("rms_norm_eps", .epsilon, default: epsilon)),
            order: order)
    }

    func layerNorms(
        _ epsilonKey: String = "layer_norm_epsilon",
        order: DecoderSpecification.Norms.Order = .before
    ) throws(ModelError) -> DecoderSpecification.Norms {
        DecoderSpecification.Norms(
            kind: .layer, epsilon: Float(try number(epsilonKey, .epsilon, default: 1e-5)),
            order: order)
    }

    /// As many learned positions as the context is long.
    func learnedPositions(offset: Int = 0) throws(ModelError) -> DecoderSpecification.LearnedPositions {
        DecoderSpecification.LearnedPositions(
            count: try size("max_position_embeddings", .contextLength), offset: offset)
    }

    func window() throws(ModelError) -> Int? {
        guard root["sliding_window"] != nil else { return nil }
        return try size("sliding_window", .contextLength)
    }

    /// The whole, from its parts and the fields that all families share.
    ///
    /// - Parameter adjust: says what else the embedding has.
    func specification(
        attention: DecoderSpecification.Attention, feedForward: DecoderSpecification.FeedForward,
        norms: DecoderSpecification.Norms, arrangement: DecoderSpecification.Arrangement = .sequential,
        isTiedByDefault: Bool = false, layers: [DecoderSpecification.Layer], residualScale: Float? = nil,
        embedding adjust: (inout DecoderSpecification.Embedding) throws(ModelError) -> Void = { _ in }
    ) throws(ModelError) -> DecoderSpecification {
        var embedding = DecoderSpecification.Embedding(
            vocabularySize: try size("vocab_size", .vocabularySize),
            isTied: try flag("tie_word_embeddings", default: isTiedByDefault),
            logitSoftcap: try softcap("final_logit_softcapping"))
        try adjust(&embedding)
        return try DecoderSpecification(
            file: file, hiddenSize: try hiddenSize(), contextLength: try contextLength(layers),
            embedding: embedding, attention: attention, feedForward: feedForward, norms: norms,
            arrangement: arrangement, layers: layers, residualScale: residualScale)
    }
}

extension [Int] {
    /// The value that all layers share.
    ///
    /// - Throws: `ModelError.differsByLayer` where they don't.
    func shared(file: String, field: String) throws(ModelError) -> Int {
        guard let first, allSatisfy({ $0 == first }) else {
            throw .differsByLayer(file: file, field: field, values: map(String.init))
        }
        return first
    }
}

extension Checkpoint {
    /// A tensor's format; nil where it is missing or cannot be read.
    func format(of name: String) -> ElementFormat? {
        guard case .readable(let format) = tensor(named: name)?.format else { return nil }
        return format
    }
}
