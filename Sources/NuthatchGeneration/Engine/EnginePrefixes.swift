package import NuthatchCache
import NuthatchModels
import NuthatchTensors
import Synchronization

/// What an engine's sequences share of what they compute, and which of them are idle.
///
/// An idle sequence keeps its pages until their memory is needed; then the one that has been idle longest is emptied into the
/// prefix store, whose least recently used pages go. Lives on the engine thread, but for `drop` and `release`.
package final class EnginePrefixes: Sendable {
    /// How long a sequence waits for a page that another computes, from when it or the page before it came.
    static let patience = Duration.seconds(10)

    // Safe to share: touched on the engine thread alone.
    nonisolated(unsafe) package let store: PrefixStore
    // Safe to share: as the store.
    nonisolated(unsafe) private var idle: [IdleSequence] = []
    // Safe to share: as the store.
    nonisolated(unsafe) private var runners: [Runner] = []
    private let thread: EngineThread
    private let ends = Mutex(Ends())

    private struct Runner {
        weak var runner: NetworkRunner?
    }

    private struct IdleSequence {
        /// Nil once it is going; then its cache is about to be handed over.
        weak var sequence: CachedSequence?
        let id: ObjectIdentifier
        let byteCount: Int
    }

    init(pages: PagePool, thread: EngineThread) {
        self.thread = thread
        store = PrefixStore(pool: pages) { thread.wait(for: $0) }
        let prefixes = WeakReference(self)
        store.emptyIdleSequence = { prefixes.value?.emptyOldest() ?? false }
        store.releaseScratch = { prefixes.value?.releaseScratch() ?? false }
    }

    private struct WeakReference {
        weak var value: EnginePrefixes?

        init(_ value: EnginePrefixes) { self.value = value }
    }

    // MARK: Idle sequences

    /// Bytes that emptying all idle sequences would let the store give up; those that forks share count for each.
    var idleByteCount: Int { idle.reduce(0) { $0 + $1.byteCount } }

    /// Notes that nobody computes a sequence for now: its pages may be given up. What was reserved up front is its own for good.
    ///
    /// - Parameter content: what it has, of which its cache may have less.
    func rest(_ sequence: CachedSequence, having content: SequenceContent) {
        if sequence.cache.tokenCount < content.tokenCount { sequence.rest(having: content) }
        wake(sequence)
        sequence.cache.releaseFrames()
        guard sequence.root != nil, sequence.cache.configuration.growth == .dynamic,
            sequence.cache.tokenCount > 0
        else { return }
        idle.append(
            IdleSequence(
                sequence: sequence, id: ObjectIdentifier(sequence), byteCount: sequence.byteCount))
    }

    func isIdle(_ sequence: CachedSequence) -> Bool { idle.contains { $0.sequence === sequence } }

    /// Notes that a sequence is about to be computed, or changed in a way that takes memory; whether it was idle.
    @discardableResult
    func wake(_ sequence: CachedSequence) -> Bool {
        guard let index = idle.firstIndex(where: { $0.sequence === sequence }) else { return false }
        idle.remove(at: index)
        return true
    }

    private func emptyOldest() -> Bool {
        if takeEnds() { return true }
        for index in idle.indices {
            guard let sequence = idle[index].sequence else { continue }
            idle.remove(at: index)
            sequence.empty()
            return true
        }
        return awaitEnd()
    }

    /// Waits for a sequence that is going on another thread, where there is one: a moment, unless that thread does not run.
    private func awaitEnd() -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(100)
        while !idle.isEmpty, ContinuousClock.now < deadline {
            if takeEnds() { return true }
            SystemThread.yield()
        }
        return false
    }

    /// Gives up all that is idle or cached.
    package func emptyAll() async {
        await withCheckedContinuation { end in
            // Safe to hand over: used on the engine thread.
            nonisolated(unsafe) let store = store
            thread.enqueue { [self] in
                while emptyOldest() {}
                store.giveUpAll()
                end.resume()
            }
        }
    }

    // MARK: Scratch memory

    /// Notes a network whose passes take scratch memory.
    func add(_ runner: NetworkRunner) {
        // Safe to hand over: used on the engine thread.
        nonisolated(unsafe) let runner = runner
        thread.enqueue { [self] in
            runners.removeAll { $0.runner == nil }
            runners.append(Runner(runner: runner))
        }
    }

    /// Pages are taken between passes alone, and then nobody needs it.
    private func releaseScratch() -> Bool {
        runners.reduce(false) { $1.runner?.releaseScratch() ?? false || $0 }
    }

    // MARK: Ends

    /// What has gone and is still in the store.
    private enum End {
        case root(PageName)
        case sequence(ObjectIdentifier, SequenceCache)
    }

    private struct Ends: @unchecked Sendable {
        // Reason: whoever hands over a cache has no other reference to it.
        var list: [End] = []
    }

    /// Forgets what stands on a root, from any thread.
    func drop(_ root: PageName) { hand(.root(root)) }

    /// Lets go of what a sequence held that is going, from any thread.
    func release(_ cache: SequenceCache, of sequence: ObjectIdentifier) { hand(.sequence(sequence, cache)) }

    private func hand(_ end: End) {
        // Safe to hand over: its giver has no other reference to it.
        nonisolated(unsafe) let end = end
        ends.withLock { $0.list.append(end) }
        thread.enqueue { [self] in _ = takeEnds() }
    }

    /// Gives back what has gone; whether there was anything.
    @discardableResult
    func takeEnds() -> Bool {
        var taken = ends.withLock { ends in
            defer { ends.list = [] }
            return ends
        }
        guard !taken.list.isEmpty else { return false }
        var roots: [PageName] = []
        for end in taken.list {
            switch end {
            case .root(let root): roots.append(root)
            case .sequence(let id, _): idle.removeAll { $0.id == id && $0.sequence == nil }
            }
        }
        // Caches go before what their pages stand on.
        taken.list = []
        for root in roots { store.drop(root: root) }
        return true
    }
}
