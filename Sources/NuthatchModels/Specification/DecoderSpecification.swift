package import NuthatchCache
package import NuthatchTensors

/// Everything about a decoder but its weights: a value that a family reads from a file's header.
///
/// ```
/// x = embedding[token] * embedding.scale
/// for layer in layers {
///     x += residualScale * postNorm?(attention(preNorm(x)))
///     x += residualScale * postNorm?(feedForward(preNorm(x)))
/// }
/// logits = softcap?(output * norm(x) * logitScale)
/// ```
package struct DecoderSpecification: Sendable, Equatable {
    package let hiddenSize: Int
    /// The longest sequence that the model was made for, in tokens.
    package let contextLength: Int
    package let embedding: Embedding
    package let attention: Attention
    package let feedForward: FeedForward
    package let norms: Norms
    package let layers: [Layer]
    /// Multiplies what a sublayer adds to the residual stream (Granite); nil is 1.
    package let residualScale: Float?

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

        package init(
            vocabularySize: Int, isTied: Bool, scale: Float? = nil, logitScale: Float? = nil,
            logitSoftcap: Float? = nil
        ) {
            self.vocabularySize = vocabularySize
            self.isTied = isTied
            self.scale = scale
            self.logitScale = logitScale
            self.logitSoftcap = logitSoftcap
        }
    }

    /// Heads and how they score: MHA, GQA (arXiv:2305.13245) and MQA (arXiv:1911.02150) by their counts.
    package struct Attention: Sendable, Equatable {
        package var heads: Heads
        /// Multiplies every score; usually 1 / sqrt(dimension).
        package var scale: Float
        /// score = cap * tanh(score / cap), after scaling.
        package var softcap: Float?
        /// Each head's queries and keys are RMS-normalised before they are rotated.
        package var normalisesHeads = false
        package var hasInputBias = false
        package var hasOutputBias = false
        /// Each query head has a number that says how much it takes from compressive memory (Infini-attention,
        /// arXiv:2404.07143).
        package var hasMemoryGates = false

        package init(heads: Heads, scale: Float? = nil) {
            self.heads = heads
            self.scale = scale ?? Float(1 / Double(heads.dimension).squareRoot())
        }
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

        package var kind: Kind
        package var epsilon: Float
        /// A second norm after each sublayer, before it is added (Gemma 2 and 3).
        package var followsSublayers: Bool

        package init(kind: Kind, epsilon: Float, followsSublayers: Bool = false) {
            self.kind = kind
            self.epsilon = epsilon
            self.followsSublayers = followsSublayers
        }
    }

    /// What differs from layer to layer.
    package struct Layer: Sendable, Equatable {
        package var retention: Retention
        package var rotary: RotaryEmbedding

        package init(retention: Retention, rotary: RotaryEmbedding) {
            self.retention = retention
            self.rotary = rotary
        }
    }

    /// - Parameter file: named by the errors.
    /// - Throws: `ModelError.outOfRange` for a size beyond its `ModelLimit`, `ModelError.invalid` for sizes that do
    ///   not fit each other or numbers that are not finite.
    package init(
        file: String, hiddenSize: Int, contextLength: Int, embedding: Embedding, attention: Attention,
        feedForward: FeedForward, norms: Norms, layers: [Layer], residualScale: Float? = nil
    ) throws(ModelError) {
        self.hiddenSize = hiddenSize
        self.contextLength = contextLength
        self.embedding = embedding
        self.attention = attention
        self.feedForward = feedForward
        self.norms = norms
        self.layers = layers
        self.residualScale = residualScale
        try validate(file: file)
    }
}

extension DecoderSpecification {
    /// What a cache needs to know, layer by layer.
    package var layerGeometries: [LayerGeometry] {
        layers.map { layer in
            LayerGeometry(
                kvHeadCount: attention.heads.kvCount, keyDimension: attention.heads.dimension,
                valueDimension: attention.heads.dimension, retention: layer.retention)
        }
    }
}
