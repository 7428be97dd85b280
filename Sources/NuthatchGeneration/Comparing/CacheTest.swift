import NuthatchCache
import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers

/// The fewest bits that a model's keys and values can do with: for each kind of layer, every size that is smaller than half
/// floats, measured on a text beside a cache of floats.
public struct CacheTest: Sendable, Equatable, Codable {
    /// The model's name.
    public let model: String
    /// Tokens of the text.
    public let tokenCount: Int
    /// What weights were computed in: f32, or the model's own where floats had no room.
    public let weights: String
    /// The most that the choice may cost: mean KL divergence in nats.
    public let tolerance: Double
    /// What was measured of each kind of layer.
    public let kinds: [Kind]
    /// What is to be taken.
    public let choice: CacheChoice
    /// Bytes of keys and values of the choice for the model's whole context.
    public let byteCount: Int
    /// Bytes of keys and values in half floats for the same context.
    public let floatByteCount: Int

    private enum CodingKeys: String, CodingKey {
        case model, tokenCount = "tokens", weights, tolerance, kinds, choice, byteCount = "kvBytes",
            floatByteCount = "f16KvBytes"
    }

    /// Layers that keep alike.
    public struct Kind: Sendable, Equatable, Codable {
        /// "full" or "window".
        public let name: String
        /// How many layers.
        public let layerCount: Int
        /// The sizes that were tried, the others in half floats.
        public let candidates: [Candidate]

        private enum CodingKeys: String, CodingKey {
            case name, layerCount = "layers", candidates
        }
    }

    /// A way to hold one kind's keys and values, and what it costs.
    public struct Candidate: Sendable, Equatable, Codable {
        /// How keys are held.
        public let keys: CacheOptions.Storage
        /// How values are held.
        public let values: CacheOptions.Storage
        /// Mean KL divergence in nats.
        public let meanKLDivergence: Double

        private enum CodingKeys: String, CodingKey {
            case keys, values, meanKLDivergence = "meanKlDivergence"
        }
    }

    /// Tokens that a text has at least: pages are coded when they are full, so that a few tokens would cost nothing whatever
    /// the size.
    public static let leastTokenCount = 4 * CacheConfiguration.defaultPageLength

    /// Tests a model.
    ///
    /// - Parameters:
    ///   - model: with float weights, where the cost is to be the cache's alone.
    ///   - text: what to measure on; nil takes the beginning of `SampleText`.
    ///   - contextLength: tokens of the text to measure on; nil: 512 of `SampleText`, 2,048 of any other, or as many as there
    ///     are.
    ///   - tolerance: the most that the choice may cost, in nats.
    ///   - progress: called with the share that is done.
    /// - Throws: `NuthatchError` for an encoder-decoder, a tolerance that is no number from 0 on, or fewer tokens than
    ///   `leastTokenCount`.
    public init(
        _ model: LanguageModel, text: String? = nil, contextLength: Int? = nil, tolerance: Double = 0.01,
        progress: @escaping @Sendable (_ share: Double) -> Void = { _ in }
    ) async throws {
        do {
            self = try await CacheTestRun(model, tolerance: tolerance, progress: progress).test(
                text, contextLength: contextLength)
        } catch {
            if error is CancellationError { throw error }
            throw NuthatchError(explaining: error)
        }
    }

    init(
        model: LanguageModel, decoder: Decoder, tokenCount: Int, tolerance: Double, kinds: [Kind],
        choice: CacheChoice
    ) throws {
        self.model = model.name
        self.tokenCount = tokenCount
        weights = decoder.precision.rawValue
        self.tolerance = tolerance
        self.kinds = kinds
        self.choice = choice
        func bytes(_ options: CacheOptions) throws -> Int {
            try options.plan(for: decoder).byteCount(tokenCount: model.contextLength) ?? 0
        }
        byteCount = try bytes(choice.options())
        floatByteCount = try bytes(.halfFloats)
    }
}
