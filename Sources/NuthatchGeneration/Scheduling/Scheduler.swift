package import NuthatchModels

/// Decides which tokens of which sequences the next pass computes (continuous batching: Orca, OSDI 2022), who may hold keys
/// and values, and who gives them up when memory runs short.
///
/// A value without threads, clocks, memory or models: whoever owns one tells it what there is, executes what it decides, and
/// tells it what came of that. The same calls give the same decisions. A round is
///
///     admit until nil  ->  attach what is cached  ->  plan  ->  preparation, then the pass  ->  take  ->  feed, remove
///
/// Invariants: `running` and `waiting` ascend by id, which is the order of arrival, and no sequence is in both; one that waits
/// holds nothing. A plan costs O(running), beside a prompt's share O(prompts squared); admission O(waiting + running).
///
/// The oldest that runs is never preempted, and whatever is admitted leaves it a page: so it ends, then the next one does,
/// and no two can make each other give way forever.
package struct Scheduler: Sendable, Hashable {
    package let limits: SchedulerLimits
    var running: [ScheduledSequence] = []
    var waiting: [ScheduledSequence] = []
    /// The last that decoded, where rows did not suffice for all who do.
    var lastDecoded: SequenceID?
    /// Whether the last step was refused pages, so that one has to give way whatever the memory's numbers say.
    var isShortOfPages = false
    /// Whether nobody else ran when the last step was planned.
    var plannedAlone = false
    /// Whether pages were refused since a step last had all of its own: numbers that proved wrong admit nobody.
    var holdsAdmission = false
    /// Why the first in line was not admitted when that was last asked.
    var bottleneck: WaitingReason?
    private var nextNumber = 0

    package init(limits: SchedulerLimits) {
        self.limits = limits
        running.reserveCapacity(limits.runningCount)
    }

    // MARK: Sequences

    /// A new sequence, at the end of the line. It has to be fed before anything is computed.
    package mutating func add(cost: SequenceCost) -> SequenceID {
        let id = SequenceID(number: nextNumber)
        nextNumber += 1
        waiting.append(ScheduledSequence(id: id, cost: cost))
        return id
    }

    /// Gives a sequence more to compute: a prompt, or the token that was just chosen. What was wanted of earlier tokens and
    /// is not there yet stays wanted, and with it everything between.
    ///
    /// - Returns: whether there is such a sequence and anything to compute.
    @discardableResult
    package mutating func feed(_ id: SequenceID, tokenCount: Int, wants: LogitRows) -> Bool {
        guard tokenCount > 0 else { return false }
        return change(id) { $0.feed(tokenCount, wants: wants) }
    }

    /// Ends a sequence, finished or cancelled: no later step has an entry of it, and what becomes of one that it has in a
    /// step under way is nobody's concern.
    ///
    /// - Returns: whether there was such a sequence.
    @discardableResult
    package mutating func remove(_ id: SequenceID) -> Bool {
        if let index = Self.index(of: id, in: running) {
            running.remove(at: index)
        } else if let index = Self.index(of: id, in: waiting) {
            waiting.remove(at: index)
        } else {
            return false
        }
        return true
    }

    /// Says that an admitted sequence has found its first `tokenCount` tokens in the cache. Only those before the ones whose
    /// logits are wanted count, and never all.
    ///
    /// - Returns: whether it runs and has them all.
    @discardableResult
    package mutating func attach(_ id: SequenceID, tokenCount: Int) -> Bool {
        guard let index = Self.index(of: id, in: running),
            tokenCount <= running[index].attachableTokenCount
        else { return false }
        if tokenCount > running[index].computedCount { running[index].compute(upTo: tokenCount) }
        return true
    }

    /// The most tokens of a sequence that may be attached to it.
    package func attachableTokenCount(of id: SequenceID) -> Int {
        sequence(id)?.attachableTokenCount ?? 0
    }

    /// Has an entry of a sequence end behind its first `tokenCount` tokens, in place of where it was told before.
    package mutating func stop(_ id: SequenceID, at tokenCount: Int) {
        _ = change(id) { $0.stop = tokenCount }
    }

    /// Whether a sequence was told to stop there.
    package func isStop(_ tokenCount: Int, of id: SequenceID) -> Bool { sequence(id)?.stop == tokenCount }

    /// Whether a sequence takes rows, or may.
    package func isRunning(_ id: SequenceID) -> Bool { Self.index(of: id, in: running) != nil }

    /// Takes back what a sequence was fed behind its first `tokenCount` tokens, proposed ones that were not taken for example.
    ///
    /// - Parameter computedCount: how many of them still have keys and values, where a rewind could not keep all.
    /// - Returns: whether there is such a sequence.
    @discardableResult
    package mutating func truncate(_ id: SequenceID, to tokenCount: Int, computedCount: Int) -> Bool {
        change(id) { $0.truncate(to: tokenCount, computed: computedCount) }
    }

    // MARK: Reports

    /// Sequences that hold keys and values, or may from the next plan on; oldest first.
    package var runningSequences: [SequenceID] { running.map(\.id) }

    /// Sequences in line, oldest first.
    package var waitingSequences: [SequenceID] { waiting.map(\.id) }

    /// The oldest in line; nil while nobody waits.
    package var firstInLine: SequenceID? { waiting.first?.id }

    /// How many of a sequence's tokens are computed, of how many.
    package func progress(of id: SequenceID) -> (computedCount: Int, tokenCount: Int)? {
        sequence(id).map { ($0.computedCount, $0.tokenCount) }
    }

    /// Why a sequence takes no rows; nil where it does, or is none.
    package func waitingReason(of id: SequenceID) -> WaitingReason? {
        guard let sequence = sequence(id) else { return nil }
        if let wait = sequence.pageWait { return .page(wait.key, until: wait.deadline) }
        guard sequence.hasWork else { return .nothingToCompute }
        guard let index = Self.index(of: id, in: waiting) else { return nil }
        let ahead = waiting[..<index].count { $0.hasWork && $0.pageWait == nil }
        return ahead == 0 ? bottleneck ?? .line(aheadCount: 0) : .line(aheadCount: ahead)
    }

    // MARK: Places

    func sequence(_ id: SequenceID) -> ScheduledSequence? {
        if let index = Self.index(of: id, in: running) { return running[index] }
        return Self.index(of: id, in: waiting).map { waiting[$0] }
    }

    mutating func change(_ id: SequenceID, _ body: (inout ScheduledSequence) -> Void) -> Bool {
        if let index = Self.index(of: id, in: running) {
            body(&running[index])
        } else if let index = Self.index(of: id, in: waiting) {
            body(&waiting[index])
        } else {
            return false
        }
        return true
    }

    /// Where `id` is, or would be: the number of sequences before it.
    static func place(of id: SequenceID, in sequences: [ScheduledSequence]) -> Int {
        var low = 0
        var high = sequences.count
        while low < high {
            let middle = (low + high) / 2
            if sequences[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    static func index(of id: SequenceID, in sequences: [ScheduledSequence]) -> Int? {
        let place = place(of: id, in: sequences)
        return place < sequences.count && sequences[place].id == id ? place : nil
    }
}
