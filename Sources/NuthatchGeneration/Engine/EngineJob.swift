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
    let wants: LogitRows
    /// Given when it is first taken.
    var id: SequenceID?
    /// Whether it takes what others computed; else all that its sequence does not hold is computed.
    let usesPrefixes: Bool
    /// Images that the sequence doesn't know yet.
    private let grids: [TokenGrid]
    private let known: SequenceContent
    /// Images of which tokens are to be computed.
    private var images: [PlacedImage] = []
    private let place: (_ tokenCount: Int) throws -> [PlacedImage]
    private let use: Use
    private var continuation: CheckedContinuation<Void, any Error>?
    private let cancelled = Atomic<Bool>(false)

    /// What is done with logits, [token, vocabulary], of tokens at those positions, and what it adds to the sequence's tokens.
    typealias Use = (_ logits: Rows, _ positions: Range<Int>, _ tokens: inout [TokenID]) throws -> Void

    /// - Parameters:
    ///   - next: what is to be computed behind what is cached.
    ///   - grids: the images of all these tokens, where the sequence doesn't know them yet.
    ///   - place: told each time how many tokens are cached before others are computed; gives the images of those.
    ///   - wants: for which tokens logits are computed, of those that are given at a time.
    ///   - use: gets them, valid during the call, and adds what is to be computed then; nothing ends the job. Computes nothing
    ///     itself.
    init(
        _ sequence: CachedSequence, _ next: ArraySlice<TokenID>, grids: [TokenGrid] = [],
        usesPrefixes: Bool = true, place: @escaping (_ tokenCount: Int) throws -> [PlacedImage],
        wants: LogitRows,
        use: @escaping Use
    ) {
        self.sequence = sequence
        known = sequence.content
        tokens = known.tokens + next
        self.grids = grids
        self.usesPrefixes = usesPrefixes
        self.place = place
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

    /// The tokens and images that the sequence is to have.
    var content: SequenceContent {
        let images = known.images.all
        return SequenceContent(
            tokens, images: images + grids.drop { grid in images.contains { $0.start == grid.start } })
    }

    /// What the sequence has where it ends before all is computed: what it had, or more.
    var reached: SequenceContent {
        sequence.cache.tokenCount < known.tokenCount ? known : sequence.cache.content
    }

    /// Has the images placed of what is not cached.
    func prepare() throws { images = try place(sequence.cache.tokenCount) }

    /// Hands out logits; returns how many tokens were given to compute then.
    func take(_ logits: Rows, _ positions: Range<Int>) throws -> Int {
        let count = tokens.count
        try use(logits, positions, &tokens)
        return tokens.count - count
    }

    /// A scheduled entry as the pass takes it.
    func entry(_ scheduled: ScheduledStep.Entry) -> PassEntry {
        let range = scheduled.firstToken..<scheduled.firstToken + scheduled.tokenCount
        return sequence.entry(tokens[range], images: images, logits: scheduled.logits)
    }
}
