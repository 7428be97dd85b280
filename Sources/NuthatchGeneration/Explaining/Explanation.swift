public import NuthatchTensors

/// What the steps of a generation compute, and what a KV cache spares them: every pass with its inputs, the shapes of what
/// is inside, one head's scores, the token that comes of it, and the work it takes, counted.
///
/// Each step is computed twice, by a sequence that keeps keys and values and by one that keeps none, and the logits of the
/// two are compared bit for bit. `Codable`: tables, pages and JSON are made of the same values.
public struct Explanation: Sendable, Equatable, Codable {
    /// The scenario, by its name; nil for a prompt of one's own.
    public let scenario: String?
    /// The name of the model that was looked at, or what it is where it has none.
    public let model: String
    /// Sizes of the model.
    public let sizes: Sizes
    /// The layer that was looked at, from 0.
    public let layer: Int
    /// The query head whose scores are told, from 0.
    public let head: Int
    /// How the cache holds keys and values: "keys f16, values f16".
    public let cache: String
    /// The steps, in their order.
    public let steps: [Step]
    /// How often each token's vectors were read over all steps.
    public let uses: [VectorUse]
    /// What a reader should know of where this differs from a model as people describe one, in sentences.
    public let remarks: [String]

    /// How large a model is.
    public struct Sizes: Sendable, Equatable, Codable {
        /// Layers of the decoder.
        public let layerCount: Int
        /// Elements of a row of the residual stream.
        public let hiddenSize: Int
        /// Query heads of a layer.
        public let queryHeadCount: Int
        /// Heads of a layer that have keys and values of their own.
        public let kvHeadCount: Int
        /// Elements of a key of one head, as it is cached.
        public let headDimension: Int
        /// Ids in the vocabulary.
        public let vocabularySize: Int

        private enum CodingKeys: String, CodingKey {
            case layerCount = "layers", hiddenSize, queryHeadCount = "queryHeads",
                kvHeadCount = "kvHeads"
            case headDimension, vocabularySize
        }
    }

    /// A token and what it says.
    public struct Token: Sendable, Equatable, Codable {
        /// The token's id.
        public let id: TokenID
        /// The token's own text; of a model without a vocabulary its id.
        public let text: String
    }

    /// The size of something, by the name that transformers gives it.
    public struct Shape: Sendable, Equatable, Codable {
        /// What it is: "input", "Q", "K", "V", "cached K", "cached V", "scores", "logits".
        public let name: String
        /// The batch first: [1, heads, rows, dimension], without heads where there is one.
        public let dimensions: [Int]
    }

    /// What a pass takes.
    public struct Work: Sendable, Equatable, Codable {
        /// Products of weights with activations.
        public let matrixMultiplyAdds: Int
        /// Products of queries with keys and of probabilities with values, of positions that queries see.
        public let attentionMultiplyAdds: Int
        /// Bytes of weights read.
        public let weightByteCount: Int
        /// Bytes of keys and values read.
        public let cacheReadByteCount: Int
        /// Bytes of keys and values written.
        public let cacheWrittenByteCount: Int

        private enum CodingKeys: String, CodingKey {
            case matrixMultiplyAdds, attentionMultiplyAdds, weightByteCount = "weightBytes",
                cacheReadByteCount = "cacheReadBytes", cacheWrittenByteCount = "cacheWrittenBytes"
        }

        /// All products.
        public var multiplyAdds: Int { matrixMultiplyAdds + attentionMultiplyAdds }
        /// All bytes read.
        public var readByteCount: Int { weightByteCount + cacheReadByteCount }
    }

    /// One pass through the model.
    public struct Pass: Sendable, Equatable, Codable {
        /// The tokens that it computes.
        public let inputs: [Token]
        /// Tokens before them whose keys and values it finds.
        public let cachedTokenCount: Int
        /// The sizes of what is inside, in the order in which it is made.
        public let shapes: [Shape]
        /// [row, position]: one head's scores, scaled, before the softmax; nil where a row doesn't look.
        public let scores: [[Float?]]
        /// [row, position]: the softmax of the scores.
        public let attentions: [[Float]]
        /// What it takes, by arithmetic.
        public let work: Work
        /// What kernels were given to do while it ran.
        public let countedWork: Work
        /// Bytes of keys and values that are kept behind it.
        public let keptByteCount: Int

        private enum CodingKeys: String, CodingKey {
            case inputs, cachedTokenCount = "cachedTokens", shapes, scores, attentions, work, countedWork,
                keptByteCount = "kvBytes"
        }

        /// Whether arithmetic and counters say the same.
        public var isCountedRight: Bool { work == countedWork }
    }

    /// One step: the passes that compute it, and what comes of it.
    public struct Step: Sendable, Equatable, Codable {
        /// The step's number, from 0.
        public let index: Int
        /// All tokens of the sequence behind the step's inputs.
        public let tokenCount: Int
        /// With the cache; nil where only the other was asked for.
        public let cached: Pass?
        /// Without it: everything is computed again.
        public let uncached: Pass?
        /// Whether the two gave the same logits, bit for bit; nil where one ran alone.
        public let logitsAreEqual: Bool?
        /// The token that the step chose, or was given.
        public let next: Token?
        /// What the model gives that token.
        public let probability: Double?
        /// Whether the token was given and not chosen.
        public let isGiven: Bool

        private enum CodingKeys: String, CodingKey {
            case index, tokenCount = "tokens", cached, uncached, logitsAreEqual, next, probability,
                isGiven = "given"
        }
    }

    /// How often the vectors of one token were read.
    public struct VectorUse: Sendable, Equatable, Codable {
        /// The token's position.
        public let position: Int
        /// The token.
        public let token: Token
        /// Passes that read its query: the one that computed it.
        public let queryReadCount: Int
        /// Passes that read its key and its value.
        public let keyReadCount: Int

        private enum CodingKeys: String, CodingKey {
            case position, token, queryReadCount = "queryReads", keyReadCount = "keyReads"
        }
    }

    /// The text that the steps went through: what was given, and what was chosen.
    public var text: String {
        let first = steps.first.flatMap { $0.cached ?? $0.uncached }
        return (first?.inputs ?? []).map(\.text).joined() + steps.compactMap { $0.next?.text }.joined()
    }
}

extension Explanation.Work {
    init(_ tally: WorkTally) {
        self.init(
            matrixMultiplyAdds: tally.matrixMultiplyAdds,
            attentionMultiplyAdds: tally.attentionMultiplyAdds, weightByteCount: tally.weightByteCount,
            cacheReadByteCount: tally.cacheReadByteCount,
            cacheWrittenByteCount: tally.cacheWrittenByteCount)
    }

    /// The work of several passes.
    package static func sum(_ works: some Sequence<Explanation.Work>) -> Explanation.Work {
        works.reduce(Explanation.Work(WorkTally())) { one, other in
            Explanation.Work(
                matrixMultiplyAdds: one.matrixMultiplyAdds + other.matrixMultiplyAdds,
                attentionMultiplyAdds: one.attentionMultiplyAdds + other.attentionMultiplyAdds,
                weightByteCount: one.weightByteCount + other.weightByteCount,
                cacheReadByteCount: one.cacheReadByteCount + other.cacheReadByteCount,
                cacheWrittenByteCount: one.cacheWrittenByteCount + other.cacheWrittenByteCount)
        }
    }
}
