/// Caches beside each other on one text: how fast, how large, and what each costs in quality.
///
/// `Codable`: tables, pages and JSON are made of the same values.
public struct CacheComparison: Sendable, Equatable, Codable {
    /// The model's name.
    public let model: String
    /// The kernels that computed.
    public let kernels: Kernels
    /// Worker threads.
    public let threadCount: Int
    /// Tokens of the text that were compared over.
    public let contextLength: Int
    /// Tokens that were generated at each depth.
    public let generatedTokenCount: Int
    /// Rounds of all caches, one behind the other.
    public let roundCount: Int
    /// Tokens in the cache where speeds were taken.
    public let depths: [Int]
    /// What weights were computed in for quality: f32, or the model's own where floats had no room.
    public let qualityWeights: String
    /// The most that a recommended cache may be away from one of floats: mean KL divergence in nats.
    public let tolerance: Double
    /// The memory that a recommendation is for: weights, scratch memory and cache.
    public let memoryByteCount: Int
    /// The caches, in the order asked for.
    public let entries: [Entry]
    /// The cache that suits memory and tolerance; nil where none does.
    public let recommendation: Recommendation?

    private enum CodingKeys: String, CodingKey {
        case model, kernels, threadCount = "threads", contextLength = "context",
            generatedTokenCount = "generateTokens", roundCount = "rounds", depths, qualityWeights, tolerance,
            memoryByteCount = "memoryBytes", entries, recommendation
    }

    /// The kernels in use.
    public struct Kernels: Sendable, Equatable, Codable {
        /// The name of their table: "avx512".
        public let table: String
    }

    /// A speed over the rounds, in tokens per second.
    public struct Speed: Sendable, Equatable, Codable {
        /// Tokens in the cache.
        public let depth: Int
        /// The median of the rounds.
        public let median: Double
        /// The slowest round.
        public let lowest: Double
        /// The fastest round.
        public let highest: Double
    }

    /// Bytes at a length.
    public struct Bytes: Sendable, Equatable, Codable {
        /// Tokens of the sequence.
        public let tokenCount: Int
        /// Bytes of keys and values in memory.
        public let byteCount: Int

        private enum CodingKeys: String, CodingKey {
            case tokenCount = "tokens", byteCount = "bytes"
        }
    }

    /// What a cache costs in quality, beside one of floats that keeps everything.
    public struct Quality: Sendable, Equatable, Codable {
        /// Mean KL divergence from the reference, in nats.
        public let meanKLDivergence: Double
        /// The largest of all positions.
        public let highestKLDivergence: Double
        /// Share of positions at which both find the same token the most probable.
        public let top1Agreement: Double
        /// How well the text is predicted.
        public let perplexity: Double
        /// The first of the tokens generated behind the text that differs from the reference's, from 0; nil where none does.
        public let firstDifference: Int?

        private enum CodingKeys: String, CodingKey {
            case meanKLDivergence = "meanKlDivergence", highestKLDivergence = "highestKlDivergence",
                top1Agreement, perplexity, firstDifference
        }
    }

    /// One cache.
    public struct Entry: Sendable, Equatable, Codable {
        /// What it is called.
        public let name: String
        /// How keys are held.
        public let keys: String
        /// How values are held.
        public let values: String
        /// What is kept: "full".
        public let retention: String
        /// Where full pages live.
        public let placement: String
        /// Tokens of prompts computed per second, up to each depth from the one before.
        public let prefill: [Speed]
        /// Tokens generated per second at each depth.
        public let decode: [Speed]
        /// Bytes measured at each depth.
        public let bytes: [Bytes]
        /// Bytes that the planner says, over the model's context.
        public let plannedBytes: [Bytes]
        /// Bits for each number kept at the last depth, everything counted.
        public let bitsPerValue: Double
        /// What it costs.
        public let quality: Quality
        /// The longest context that fits the memory; 0 for none.
        public let longestContext: Int
        /// Whether it gives up tokens that the model would look at, within the text compared over or behind it.
        public let dropsTokens: Bool
        /// Whether the text was long enough to say what it costs: codes are made of full pages, so that over a few tokens they
        /// cost nothing. Others aren't recommended.
        public let isJudged: Bool

        private enum CodingKeys: String, CodingKey {
            case name, keys, values, retention, placement, prefill, decode, bytes, plannedBytes, bitsPerValue,
                quality, longestContext, dropsTokens, isJudged = "judged"
        }
    }

    /// The cache to take.
    public struct Recommendation: Sendable, Equatable, Codable {
        /// The cache's name.
        public let name: String
        /// Tokens that fit the memory.
        public let contextLength: Int
        /// Mean KL divergence from a cache of floats, in nats.
        public let meanKLDivergence: Double
        /// How fast it generates at the last depth, tokens per second.
        public let decodeTokensPerSecond: Double

        private enum CodingKeys: String, CodingKey {
            case name, contextLength = "context", meanKLDivergence = "meanKlDivergence",
                decodeTokensPerSecond
        }
    }
}

extension CacheComparison {
    /// The cache to take: of those within the tolerance the one with the longest context in the memory; of several the fastest; of equally fast
    /// ones, within what rounds differ by, the one that costs least.
    package static func recommendation(among entries: [Entry], tolerance: Double) -> Recommendation? {
        let admitted = entries.filter {
            $0.quality.meanKLDivergence <= tolerance && $0.longestContext > 0 && !$0.dropsTokens
                && $0.isJudged
        }
        guard let longest = admitted.map(\.longestContext).max() else { return nil }
        let fitting = admitted.filter { $0.longestContext == longest }
        func speed(_ entry: Entry) -> Double { entry.decode.last?.median ?? 0 }
        guard let fastest = fitting.max(by: { speed($0) < speed($1) }) else { return nil }
        let asFast = fitting.filter { ($0.decode.last?.highest ?? 0) >= speed(fastest) }
        let best = asFast.min { $0.quality.meanKLDivergence < $1.quality.meanKLDivergence } ?? fastest
        return Recommendation(
            name: best.name, contextLength: longest, meanKLDivergence: best.quality.meanKLDivergence,
            decodeTokensPerSecond: speed(best))
    }
}
