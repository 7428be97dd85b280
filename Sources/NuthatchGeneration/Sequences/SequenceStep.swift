import NuthatchModels

/// What a step hands out beside logits.
public struct Observation: OptionSet, Sendable {
    /// The bits of what is wished for.
    public let rawValue: Int
    /// The residual stream around every layer.
    public static let hiddenStates = Observation(rawValue: 1)
    /// How much each row took from each position.
    public static let attentions = Observation(rawValue: 2)

    /// Makes a set of wishes from bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    func points(layerCount: Int) -> [ProbePoint] {
        (contains(.hiddenStates) ? ProbePoint.hiddenStates(layerCount: layerCount) : [])
            + (contains(.attentions) ? ProbePoint.attentions(layerCount: layerCount) : [])
    }
}

/// Sizes of the arrays that a step hands out.
public struct SequenceShape: Sendable, Equatable {
    /// Layers of the decoder.
    public let layerCount: Int
    /// Elements of a row of the residual stream.
    public let hiddenSize: Int
    /// Query heads of a layer.
    public let queryHeadCount: Int
    /// Ids in the vocabulary.
    public let vocabularySize: Int
}

/// What computing some tokens gave. Arrays are in row-major order, the last dimension's elements adjacent.
public struct SequenceStep: Sendable {
    /// The cache positions of the step's rows.
    public let positions: Range<Int>
    /// The logits, [row, vocabulary].
    public let logits: [Float]
    /// [layers + 1] of [row, hiddenSize]: what each layer reads, and what the last one gives behind the final norm. Empty
    /// unless asked for.
    public let hiddenStates: [[Float]]
    /// [layers] of [queryHead, row, position], positions counted from the sequence's first token; 0 where a row doesn't
    /// look. Empty unless asked for.
    public let attentions: [[Float]]
}

/// What one layer's cache holds: past keys and values.
public struct KeysAndValues: Sendable, Equatable {
    /// Heads that have keys and values of their own; 1 where all share latents.
    public let headCount: Int
    /// Elements of a key.
    public let keyDimension: Int
    /// Elements of a value.
    public let valueDimension: Int
    /// The positions kept, ascending: all of them, or those of a window and its sinks.
    public let positions: [Int]
    /// The keys, [head, position, keyDimension], turned to their positions, as attention reads them.
    public let keys: [Float]
    /// The values, [head, position, valueDimension].
    public let values: [Float]

    /// Makes contents of numbers from elsewhere; `TokenSequence.restore` checks that they fit.
    public init(
        headCount: Int, keyDimension: Int, valueDimension: Int, positions: [Int], keys: [Float],
        values: [Float]
    ) {
        self.headCount = headCount
        self.keyDimension = keyDimension
        self.valueDimension = valueDimension
        self.positions = positions
        self.keys = keys
        self.values = values
    }
}
