import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport

/// What one client of an engine does, decided before anything runs.
struct ScheduledClient: Sendable {
    struct Failure: Error {}

    /// What a client had to do with the engine.
    struct Outcome: Sendable {
        /// The bits of the logits behind each token: of the first answer, and of each that forked from its end.
        var digests: [[UInt64]] = []
        var cachedTokenCount = 0
    }

    let prompt: [TokenID]
    let answerLength: Int
    let options: CacheOptions
    var sharing = PrefixSharing.private
    /// How many forks go on from the end of the answer, each with a token of its own.
    var forkCount = 0
    /// Turns of the engine after which its task is cancelled; nil lets it end.
    var cancelledAfter: Int?
    /// Whether its choice of a token fails in the middle.
    var fails = false

    /// What it does where nobody disturbs it and nobody shares with it.
    var alone: ScheduledClient {
        var client = self
        client.sharing = .private
        client.cancelledAfter = nil
        client.fails = false
        return client
    }

    func run(_ model: LanguageModel) async throws -> Outcome {
        try await Runner(model: model).run(self)
    }

    /// Lives where sequences do.
    private actor Runner {
        let model: LanguageModel
        nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }
        private var outcome = Outcome()

        init(model: LanguageModel) { self.model = model }

        func run(_ client: ScheduledClient) async throws -> Outcome {
            let sequence = try CachedSequence(model: model, cache: client.options, sharing: client.sharing)
            outcome.digests = Array(repeating: [], count: 1 + client.forkCount)
            outcome.cachedTokenCount = try await answer(client, sequence, client.prompt, 0)
            guard client.forkCount > 0 else { return outcome }
            var forks: [CachedSequence] = []
            for _ in 0..<client.forkCount { forks.append(try sequence.fork()) }
            nonisolated(unsafe) let shared = forks
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in forks.indices {
                    group.addTask {
                        _ = try await self.answer(client, shared[index], [TokenID(index)], index + 1)
                    }
                }
                try await group.waitForAll()
            }
            return outcome
        }

        /// - Returns: tokens that were cached before the first was computed.
        private func answer(
            _ client: ScheduledClient, _ sequence: CachedSequence, _ opening: [TokenID], _ index: Int
        ) async throws -> Int {
            var cached: Int?
            try await sequence.generate(
                behind: opening[...],
                place: { count in
                    cached = cached ?? count
                    return []
                }
            ) { logits in
                let (digest, token) = digest(logits)
                self.outcome.digests[index].append(digest)
                let count = self.outcome.digests[index].count
                if client.fails, count == client.answerLength / 2 + 1 { throw Failure() }
                return count < client.answerLength ? token : nil
            }
            return cached ?? 0
        }
    }
}

/// The bits of a row of logits, and the token of the largest.
func digest(_ logits: Rows) -> (digest: UInt64, token: TokenID) {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    var (best, token) = (-Float.infinity, 0)
    for column in 0..<logits.columnCount {
        let logit = logits[0][column]
        digest = (digest ^ UInt64(logit.bitPattern)) &* 0x100_0000_01B3
        if logit > best { (best, token) = (logit, column) }
    }
    return (digest, TokenID(token))
}

extension TinyModel {
    /// The model with so many bytes for keys and values.
    func load(kvByteBudget: Int) async throws -> LanguageModel {
        let large = 1 << 28
        let first = try await LanguageModel.load(
            at: path, options: LoadOptions(threadCount: 1, memoryBudget: large))
        let own = large - (first.engine.kvByteBudget ?? 0)
        return try await LanguageModel.load(
            at: path, options: LoadOptions(threadCount: 1, memoryBudget: own + kvByteBudget))
    }
}
