public import NuthatchTensors

/// How a model's keys and values are to be held, as a test of it chose: what `run` and `chat` take where nothing else is said.
public struct CacheChoice: Sendable, Equatable, Codable {
    /// The model's name.
    public let model: String
    /// What tells its files from others: see `LanguageModel.fingerprint`.
    public let fingerprint: String
    /// How keys are held.
    public let keys: CacheOptions.Storage
    /// How values are held.
    public let values: CacheOptions.Storage
    /// How keys are held in layers with a window of the model's own.
    public let windowKeys: CacheOptions.Storage
    /// How values are held there.
    public let windowValues: CacheOptions.Storage
    /// What that cost when it was chosen: mean KL divergence in nats.
    public let meanKLDivergence: Double
    /// The most that it was to cost.
    public let tolerance: Double

    private enum CodingKeys: String, CodingKey {
        case model, fingerprint, keys, values, windowKeys, windowValues,
            meanKLDivergence = "meanKlDivergence", tolerance
    }

    /// The cache.
    ///
    /// - Throws: `NuthatchError`; not for what a test chose.
    public func options() throws(NuthatchError) -> CacheOptions {
        try CacheOptions(
            keys: keys, values: values, windowKeys: windowKeys, windowValues: windowValues)
    }
}

extension CacheOptions.Storage: Codable {}

extension LanguageModel {
    /// Sixteen digits that tell the model's files from others: of what they say beside the numbers of their tensors.
    public var fingerprint: String { digests.fingerprint }
}
