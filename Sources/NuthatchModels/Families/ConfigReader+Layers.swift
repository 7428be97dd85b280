import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

/// What rotary embeddings are where files don't say.
struct RotaryDefaults {
    var full: Double = 10_000
    /// The share of a head that turns, where the family reads one; nil: heads turn whole.
    var share: Double?
    /// What files call that share beside the object that describes the rotation.
    var shareKey = RotaryDefaults.shareField
    /// For sliding layers, where the family gives them their own; nil: the same embedding as full ones.
    var sliding: Double?
    /// Whether the family's heads turn in sections (`RotarySections`), which files call a scaling, "mrope".
    var readsSections = false

    /// What most files, and transformers, call the share of a head that turns.
    static let shareField = "partial_rotary_factor"
}

extension ConfigReader {
    /// Every layer's retention and rotary embedding.
    ///
    /// - Parameters:
    ///   - rotaryDimension: elements of a head that may turn; nil: all.
    ///   - window: of sliding layers; nil makes them full.
    ///   - retention: the family's rule for files without `layer_types`.
    func layers(
        attention: DecoderSpecification.Attention, rotaryDimension: Int? = nil, window: Int?,
        defaults: RotaryDefaults = RotaryDefaults(), retention: (Int) -> Retention
    ) throws(ModelError) -> [DecoderSpecification.Layer] {
        let retentions = try retentions(window: window, retention)
        let dimension = rotaryDimension ?? attention.heads.dimension
        let full = try rotary(.full, headDimension: dimension, defaults: defaults)
        let sliding =
            defaults.sliding == nil
            ? full : try rotary(.sliding, headDimension: dimension, defaults: defaults)
        return retentions.map { retention in
            DecoderSpecification.Layer(retention: retention, rotary: retention == .full ? full : sliding)
        }
    }

    /// Layers with one window for all that a file says nothing else of, or none.
    func layers(
        attention: DecoderSpecification.Attention, rotaryDimension: Int? = nil, window: Int?,
        defaults: RotaryDefaults = RotaryDefaults()
    ) throws(ModelError) -> [DecoderSpecification.Layer] {
        try layers(
            attention: attention, rotaryDimension: rotaryDimension, window: window, defaults: defaults
        ) { _ in
            Retention(window: window)
        }
    }

    /// Layers that keep all and don't turn: positions are learned.
    func unturnedLayers(
        scoreScale: (Int) -> Float? = { _ in nil }
    ) throws(ModelError) -> [DecoderSpecification.Layer] {
        (0..<(try layerCount())).map {
            DecoderSpecification.Layer(retention: .full, rotary: nil, scoreScale: scoreScale($0))
        }
    }

    /// What layers with trained gates keep (Infini-attention, arXiv:2404.07143); nil where there are none. No field is
    /// agreed on: `segment_size` and `memory_update` are read, whose defaults are the paper's.
    func compressiveMemory() throws(ModelError) -> Retention? {
        let names = ["model.layers.0.self_attn.gate", "layers.0.self_attn.gate"]
        guard names.contains(where: { checkpoint.tensor(named: $0) != nil }) else { return nil }
        let length = try size("segment_size", .contextLength, default: 2048)
        guard let name = try string("memory_update") else {
            return .compressive(segmentLength: length, rule: .delta)
        }
        guard let rule = Retention.MemoryRule(rawValue: name) else {
            throw .unsupportedValue(
                file: file, field: "memory_update", found: name,
                supported: Retention.MemoryRule.allCases.map(\.rawValue))
        }
        return .compressive(segmentLength: length, rule: rule)
    }

    private func retentions(
        window: Int?, _ rule: (Int) -> Retention
    ) throws(ModelError) -> [Retention] {
        let layerCount = try layerCount()
        let stated = try reading { () throws(CheckpointError) in try root.optionalStrings("layer_types") }
        guard let stated else { return (0..<layerCount).map(rule) }
        guard stated.count == layerCount else {
            throw .invalid(
                file: file, field: "layer_types",
                reason: "has \(Counted.text(stated.count, "entry")) for \(Counted.text(layerCount, "layer"))")
        }
        var retentions: [Retention] = []
        for kind in stated {
            switch (kind, window) {
            case ("full_attention", _), ("sliding_attention", nil): retentions.append(.full)
            case ("sliding_attention", let window?): retentions.append(.window(length: window))
            default:
                throw .unsupportedValue(
                    file: file, field: "layer_types", found: kind,
                    supported: ["full_attention", "sliding_attention"])
            }
        }
        return retentions
    }

    /// `max_position_embeddings`, and beyond it what the rotary scaling was made to reach.
    func contextLength(_ layers: [DecoderSpecification.Layer]) throws(ModelError) -> Int {
        let stated = try size("max_position_embeddings", .contextLength, default: 2048)
        let reached = layers.map { layer -> Double in
            switch layer.rotary?.scaling ?? .none {
            case .dynamic(let scaling): scaling.factor * Double(scaling.originalContextLength)
            case .yarn(let scaling): scaling.factor * Double(scaling.originalContextLength)
            case .none, .linear, .llama3, .long, .divided: 0
            }
        }
        let longest = min(reached.max() ?? 0, Double(ModelLimit.contextLength.maximum))
        return max(stated, Int(exactly: longest.rounded(.down)) ?? stated)
    }
}

extension Retention {
    /// A window of so many tokens, or everything.
    init(window: Int?) { self = window.map { .window(length: $0) } ?? .full }
}
