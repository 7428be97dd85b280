import NuthatchCache
import NuthatchModels
import NuthatchTensors
import Synchronization

/// What a client wants computed of one sequence: its tokens, and what is done with their logits.
///
final class EngineJob: @unchecked Sendable {
    // Reason: made by whoever has the sequence, who waits until it has ended; meanwhile it is the engine loop's alone, with its
    // sequence and its closures.
    let sequence: CachedSequence
    /// All tokens that the sequence has and is to have. Those that are cached are kept in case they have to be computed again.
    private(set) var tokens: [TokenID]
    /// Images of which tokens are to be computed.
    private(set) var images: [PlacedImage]
    let wants: LogitRows
    /// Given when it is first taken.
    var id: SequenceID?
    private let allImages: () throws -> [PlacedImage]
    private let use: (Rows, Range<Int>) throws -> ArraySlice<TokenID>
    private var continuation: CheckedContinuation<Void, any Error>?
    private let cancelled = Atomic<Bool>(false)

    /// - Parameters:
    ///   - next: what is to be computed behind what is cached.
    ///   - images: those that some of these tokens are of.
    ///   - allImages: gives the sequence's images once more where cached ones have to be computed again.
    ///   - wants: for which tokens logits are computed, of those that are given at a time.
    ///   - use: gets them, [token, vocabulary], valid during the call, with the positions of their tokens, and says what is to
    ///     be computed then; nothing ends the job. Computes nothing itself.
    init(
        _ sequence: CachedSequence, _ next: ArraySlice<TokenID>, images: [PlacedImage],
        allImages: @escaping () throws -> [PlacedImage], wants: LogitRows,
        use: @escaping (Rows, Range<Int>) throws -> ArraySlice<TokenID>
    ) {
        self.sequence = sequence
        tokens = sequence.tokens + next
        self.images = images
        self.allImages = allImages
        self.wants = wants
        self.use = use
    }

    /// Whether its client no longer wants it.
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func cancel() { cancelled.store(true, ordering: .relaxed) }

    func begin(_ continuation: CheckedContinuation<Void, any Error>) { self.continuation = continuation }

    /// Lets the client go on.
    func end(_ result: Result<Void, any Error>) {
        continuation?.resume(with: result)
        continuation = nil
    }

    /// Hands out logits; returns how many tokens were given to compute then.
    func take(_ logits: Rows, _ positions: Range<Int>) throws -> Int {
        let next = try use(logits, positions)
        tokens.append(contentsOf: next)
        return next.count
    }

    /// A scheduled entry as the pass takes it.
    func entry(_ scheduled: ScheduledStep.Entry) -> PassEntry {
        let range = scheduled.firstToken..<scheduled.firstToken + scheduled.tokenCount
        return sequence.entry(tokens[range], images: images, logits: scheduled.logits)
    }

    /// Gives up what the sequence holds: all of it is to be computed again.
    func preempt() throws {
        sequence.preempt()
        images = try allImages()
    }
}
