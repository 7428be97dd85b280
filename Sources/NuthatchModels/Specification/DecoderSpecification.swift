package import NuthatchCache
package import NuthatchTensors

/// Everything about a decoder but its weights: a value that a family reads from a file's header.
///
/// ```
/// x = norm?(embedding[token] * embedding.scale + positions?[position])
/// for layer in layers {                                               // arrangement .sequential
///     x += residualScale * postNorm?(attention(preNorm?(x)))          // norms.order says which norms
///     x += residualScale * postNorm?(attention(preNorm?(x), source))  // part .decoder only
///     x += residualScale * postNorm?(feedForward(preNorm?(x)))
/// }
/// logits = softcap?(output * norm?(x) * logitScale + logitBias?)      // part .encoder ends with norm?(x)
/// ```
package struct DecoderSpecification: Sendable, Equatable {
    package let hiddenSize: Int
    /// The longest sequence that the model was made for, in tokens.
    package let contextLength: Int
    package private(set) var embedding: Embedding
    package let attention: Attention
    package let feedForward: FeedForward
    package let norms: Norms
    package let arrangement: Arrangement
    package let layers: [Layer]
    /// Multiplies what a sublayer adds to the residual stream (Granite); nil is 1.
    package let residualScale: Float?
    package let part: Part

    /// Which part of a model this is.
    package enum Part: Sendable, Equatable {
        /// All of it: a decoder that reads what it continues.
        case whole
        /// What reads the source of an encoder-decoder: a token sees those before it and those behind.
        case encoder
        /// What answers it: each layer looks at the source between attention and feed-forward.
        case decoder
    }

    /// The two ends: tokens to vectors, vectors to logits.
    package struct Embedding: Sendable, Equatable {
        package var vocabularySize: Int
        /// The output matrix is the embedding.
        package var isTied: Bool
        /// Multiplies an embedding row (Gemma: sqrt(hiddenSize)); nil is 1.
        package var scale: Float?
        /// Multiplies the logits (Granite, Cohere); nil is 1.
        package var logitScale: Float?
        /// logit = cap * tanh(logit / cap).
        package var logitSoftcap: Float?
        /// A vector for each position, added to its token's (GPT-2, OPT); nil without.
        package var positions: LearnedPositions?
        /// Sines and cosines of its position, added to each token's vector (Marian).
        package var hasSinusoids = false
        /// A norm of the two together, before the first layer (BART).
        package var hasNorm = false
        /// Each logit has a number added (BART).
        package var hasLogitBias = false
        /// Elements of an embedding row where matrices lead from there to the hidden size and back (OPT-350M); nil
        /// is the hidden size.
        package var projectedWidth: Int?

        package init(
            vocabularySize: Int, isTied: Bool, scale: Float? = nil, logitScale: Float? = nil,
            logitSoftcap: Float? = nil, positions: LearnedPositions? = nil, projectedWidth: Int? = nil
        ) {
            self.vocabularySize = vocabularySize
            self.isTied = isTied
            self.scale = scale
            self.logitScale = logitScale
            self.logitSoftcap = logitSoftcap
            self.positions = positions
            self.projectedWidth = projectedWidth
        }
    }

    /// Positions 0 ..< count, whose vectors begin at row `offset` of their table.
    package struct LearnedPositions: Sendable, Equatable {
        package var count: Int
        package var offset: Int

        package init(count: Int, offset: Int = 0) {
            self.count = count
            self.offset = offset
        }
    }

    /// Heads and how they score: MHA, GQA (arXiv:2305.13245) and MQA (arXiv:1911.02150) by their counts.
    package struct Attention: Sendable, Equatable {
        package var heads: Heads
        /// Multiplies every score; usually 1 / sqrt(dimension).
        package var scale: Float
        /// score = cap * tanh(score / cap), after scaling.
        package var softcap: Float?
        /// How queries and keys are RMS-normalised before they are rotated; nil: they aren't.
        package var headNorm: HeadNorm?
        /// Added to each score by how far query and key are apart, after the cap (T5); the same in all layers.
        package var relativePositions: RelativePositions?
        package var hasInputBias = false
        package var hasOutputBias = false
        /// Each query head has a number that says how much it takes from compressive memory (Infini-attention,
        /// arXiv:2404.07143).
        package var hasMemoryGates = false
        /// Nil where each head has keys and values of its own. With it, `heads` says how many query heads there are and
        /// how long a head's query is.
        package var latent: LatentAttention?

        package init(heads: Heads, scale: Float? = nil) {
            self.heads = heads
            self.scale = scale ?? Float(1 / Double(heads.dimension).squareRoot())
        }
    }

    /// What one mean square is taken of.
    package enum HeadNorm: Sendable, Equatable {
        /// Each head by itself, all by the same weights (Qwen3, Gemma 3).
        case each
        /// All heads of a row together (OLMo 2).
        case all
    }

    /// How many heads, of what size: the same for keys and values.
    package struct Heads: Sendable, Equatable {
        package var queryCount: Int
        package var kvCount: Int
        package var dimension: Int

        package init(queryCount: Int, kvCount: Int, dimension: Int) {
            self.queryCount = queryCount
            self.kvCount = kvCount
            self.dimension = dimension
        }

        /// Columns of all queries of a row.
        package var queryWidth: Int { queryCount * dimension }
        /// Columns of all keys, or all values, of a row.
        package var kvWidth: Int { kvCount * dimension }
    }

    /// down(activation(gate x) * up x), or down(activation(up x)) without a gate (arXiv:2002.05202).
    package struct FeedForward: Sendable, Equatable {
        package var size: Int
        package var activation: Activation
        package var isGated: Bool
        package var hasBias: Bool
        /// What sparse layers have instead.
        package var experts: Experts?

        package init(size: Int, activation: Activation, isGated: Bool = true, hasBias: Bool = false) {
            self.size = size
            self.activation = activation
            self.isGated = isGated
            self.hasBias = hasBias
        }
    }

    package struct Norms: Sendable, Equatable {
        package enum Kind: Sendable, Equatable {
            /// x / rms(x) * (weight + weightOffset), arXiv:1910.07467. Gemma's files from Hugging Face hold
            /// weights around 0 (offset 1); GGUF's around 1 (offset 0).
            case rms(weightOffset: Float)
            /// (x - mean) / deviation * weight + bias, arXiv:1607.06450.
            case layer
        }

        package enum Order: Sendable, Equatable {
            /// x += f(norm(x))
            case before
            /// x += norm(f(norm(x))): Gemma 2 and 3
            case around
            /// x += norm(f(x)): OLMo 2
            case after
            /// x = norm(x + f(x)): OPT-350M, as in "Attention is all you need"
            case afterSum

            package var precedesSublayers: Bool { self == .before || self == .around }
            package var followsSublayers: Bool { self != .before }
        }

        package var kind: Kind
        package var epsilon: Float
        package var order: Order
        /// A last norm before the output matrix.
        package var hasFinal: Bool

        package init(kind: Kind, epsilon: Float, order: Order = .before, hasFinal: Bool = true) {
            self.kind = kind
            self.epsilon = epsilon
            self.order = order
            self.hasFinal = hasFinal
        }
    }

    /// How a layer's sublayers follow each other.
    package enum Arrangement: Sendable, Equatable {
        /// Feed-forward reads what attention has added to.
        case sequential
        /// Attention and feed-forward read the stream as it came, feed-forward through a norm of its own or through
        /// attention's (GPT-J, GPT-NeoX, Falcon).
        case parallel(sharesNorm: Bool)
    }

    /// What differs from layer to layer.
    package struct Layer: Sendable, Equatable {
        package var retention: Retention
        /// Nil where queries and keys don't turn: learned positions, or none at all (SmolLM3).
        package var rotary: RotaryEmbedding?
        /// Multiplies the attention scale in this layer (GPT-2's inverse layer numbers); nil is 1.
        package var scoreScale: Float?
        /// Whether its feed-forward is a mixture of experts.
        package var isSparse: Bool

        package init(
            retention: Retention, rotary: RotaryEmbedding?, scoreScale: Float? = nil, isSparse: Bool = false
        ) {
            self.retention = retention
            self.rotary = rotary
            self.scoreScale = scoreScale
            self.isSparse = isSparse
        }
    }

    /// - Parameter file: named by the errors.
    /// - Throws: `ModelError.outOfRange` for a size beyond its `ModelLimit`, `ModelError.invalid` for sizes that do
    ///   not fit each other or numbers that are not finite.
    package init(
        file: String, hiddenSize: Int, contextLength: Int, embedding: Embedding, attention: Attention,
        feedForward: FeedForward, norms: Norms, arrangement: Arrangement = .sequential, layers: [Layer],
        residualScale: Float? = nil, part: Part = .whole
    ) throws(ModelError) {
        self.hiddenSize = hiddenSize
        self.contextLength = contextLength
        self.embedding = embedding
        self.attention = attention
        self.feedForward = feedForward
        self.norms = norms
        self.arrangement = arrangement
        self.layers = layers
        self.residualScale = residualScale
        self.part = part
        try validate(file: file)
    }
}

extension DecoderSpecification {
    /// Gives it an output matrix of its own.
    mutating func untie() { embedding.isTied = false }

    package var isEncoder: Bool { part == .encoder }

    /// Elements of an embedding row.
    package var embeddingWidth: Int { embedding.projectedWidth ?? hiddenSize }

    /// Columns of what attention's input is multiplied to.
    var attentionInputWidth: Int {
        let heads = attention.heads
        return attention.latent?.inputWidth(queryCount: heads.queryCount) ?? heads.queryWidth + 2
            * heads.kvWidth
    }

    /// Columns of what attention gives its output matrix.
    var attentionWidth: Int {
        attention.latent.map { attention.heads.queryCount * $0.valueDimension } ?? attention.heads.queryWidth
    }

    /// What a cache needs to know, layer by layer.
    package var layerGeometries: [LayerGeometry] {
        layers.map { layer in
            if let latent = attention.latent {
                return latent.geometry(
                    queryCount: attention.heads.queryCount, retention: layer.retention)
            }
            return LayerGeometry(
                kvHeadCount: attention.heads.kvCount, keyDimension: attention.heads.dimension,
                valueDimension: attention.heads.dimension, retention: layer.retention)
        }
    }
}
