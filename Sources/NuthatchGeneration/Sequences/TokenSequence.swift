import NuthatchCache
import NuthatchModels
public import NuthatchTensors

/// Tokens and the cache they fill, computed step by step, with everything inside open to view: logits, hidden states,
/// attentions, keys and values, each as float arrays.
///
/// Where `Session` answers, this computes: nothing is sampled, rendered or stopped. All work runs on the model's engine
/// thread. Each verb has the sequence to itself from beginning to end, so that those asked for at once come one after
/// another.
///
/// ```swift
/// let sequence = try TokenSequence(model)
/// let step = try await sequence.append(tokens, observing: [.hiddenStates, .attentions])
/// step.logits                            // [row, vocabulary]
/// step.attentions[0]                     // [queryHead, row, position]
/// let past = try await sequence.keysAndValues(layer: 0)
/// ```
public actor TokenSequence {
    /// The model that computes.
    public nonisolated let model: LanguageModel
    private nonisolated let decoder: Decoder
    private let sequence: CachedSequence

    /// Runs the sequence's code on the model's engine thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }

    /// An empty sequence.
    ///
    /// - Throws: `NuthatchError` where the cache can't be had as asked.
    public init(_ model: LanguageModel, cache: CacheOptions = .default) throws(NuthatchError) {
        self.model = model
        decoder = try model.requireDecoder(for: "A token sequence")
        sequence = try CachedSequence(model: model, cache: cache)
    }

    /// Sizes of what steps hand out.
    public nonisolated var shape: SequenceShape {
        let specification = decoder.specification
        return SequenceShape(
            layerCount: specification.layers.count, hiddenSize: specification.hiddenSize,
            queryHeadCount: specification.attention.heads.queryCount, vocabularySize: model.vocabularySize)
    }

    /// The tokens whose keys and values are cached. The next one's cache position is their count.
    public var tokens: [TokenID] { sequence.tokens }

    /// Computes tokens behind those that are cached, in one pass.
    ///
    /// - Parameters:
    ///   - next: one token or more, at most `maximumStepLength`.
    ///   - wishes: what to hand out beside logits; each costs time and memory.
    /// - Throws: `NuthatchError` for tokens out of the vocabulary, a full context, or attentions that can't be told
    ///   (sinks at positions in the cache, compressive memory). Then the sequence is as it was.
    public func append(_ next: [TokenID], observing wishes: Observation = []) throws(NuthatchError)
        -> SequenceStep
    {
        guard !next.isEmpty, next.count <= Self.maximumStepLength else {
            throw NuthatchError(
                code: .usage,
                message:
                    "A step computes 1 to \(Counted.text(Self.maximumStepLength, "token")); \(next.count) were given.",
                remedy: "Give them in several steps; the numbers don't depend on it.")
        }
        return try explained { try step(next, wishes) }
    }

    /// The most tokens of one step.
    public static let maximumStepLength = CacheConfiguration.defaultChunkLength

    private func step(_ next: [TokenID], _ wishes: Observation) throws -> SequenceStep {
        let layerCount = decoder.specification.layers.count
        let probe =
            try wishes.isEmpty
            ? nil : PassProbe(wishes.points(layerCount: layerCount), of: decoder, rowCount: next.count)
        let first = sequence.tokens.count
        let rows = try sequence.forward(next[...], logits: .all, probe: probe)
        var logits: [Float] = []
        logits.reserveCapacity(rows.rowCount * rows.columnCount)
        for row in 0..<rows.rowCount {
            logits += UnsafeBufferPointer(start: rows[row], count: rows.columnCount)
        }
        var states: [[Float]] = []
        if let probe, wishes.contains(.hiddenStates) { states = (0...layerCount).map(probe.hiddenStates) }
        return SequenceStep(
            positions: first..<first + next.count, logits: logits, hiddenStates: states,
            attentions: probe.map { probe in (0..<layerCount).compactMap { probe.attentions[$0] } } ?? [])
    }

    /// Forgets tokens from the end.
    ///
    /// - Returns: how many are left: `count`, or fewer where that ends in a page that is coded already, or what a window
    ///   dropped would be needed again.
    @discardableResult
    public func truncate(to count: Int) -> Int { sequence.truncate(to: count) }

    /// What a layer's cache holds, as attention reads it.
    ///
    /// - Parameter layer: 0 to one less than the model's layers.
    /// - Throws: `NuthatchError` for a layer that the model doesn't have, or a page that can't be read back from disk.
    public func keysAndValues(layer: Int) throws(NuthatchError) -> KeysAndValues {
        guard decoder.specification.layers.indices.contains(layer) else {
            throw NuthatchError(
                code: .usage,
                message: "Layer \(layer) was asked for; \(model.name) has "
                    + "\(decoder.specification.layers.count), counted from 0.")
        }
        return try explained {
            let geometry = decoder.layerGeometries[layer]
            let contents = try sequence.cache.read(layer: layer)
            return KeysAndValues(
                headCount: geometry.kvHeadCount, keyDimension: geometry.keyDimension,
                valueDimension: geometry.valueDimension, positions: contents.positions, keys: contents.keys,
                values: contents.values)
        }
    }

    /// Goes on behind keys and values that were taken out of another sequence of the same model, without computing
    /// their tokens again.
    ///
    /// What follows has the bits that it has there where caches hold exact numbers. Full pages of codes are coded anew, of
    /// what their codes stood for, which may move them by a rounding.
    ///
    /// - Parameters:
    ///   - tokens: those whose keys and values they are.
    ///   - layers: of every layer, in order, as `keysAndValues(layer:)` gave them.
    /// - Throws: `NuthatchError` where numbers don't fit the model's layers or tokens, or this sequence isn't empty.
    public func restore(_ tokens: [TokenID], _ layers: [KeysAndValues]) throws(NuthatchError) {
        guard sequence.tokens.isEmpty else {
            throw NuthatchError(
                code: .usage,
                message: "The sequence holds \(Counted.text(sequence.tokens.count, "token")) already.",
                remedy: "Restore into a new sequence.")
        }
        let context = sequence.limit.contextLength ?? .max
        guard tokens.count <= context,
            tokens.allSatisfy({ $0 >= 0 && Int($0) < model.vocabularySize })
        else {
            throw NuthatchError(
                code: .usage,
                message:
                    "\(Counted.text(tokens.count, "token")) \(Counted.were(tokens.count)) given, "
                    + "of ids below \(model.vocabularySize) for a context of "
                    + "\(context): they are more, or out of the vocabulary.")
        }
        try explained {
            try sequence.append(
                tokens,
                contents: layers.map {
                    SequenceCache.LayerContents(positions: $0.positions, keys: $0.keys, values: $0.values)
                })
        }
    }

    private func explained<Result>(_ body: () throws -> Result) throws(NuthatchError) -> Result {
        do { return try body() } catch {
            throw NuthatchError(explaining: error)
        }
    }
}
