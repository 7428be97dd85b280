package import NuthatchModels

/// One forward pass as a scheduler plans it, with what has to be done before. Kept by the caller from step to step, so that
/// planning asks for no memory.
package struct ScheduledStep: Sendable, Hashable {
    /// One sequence's part of the pass.
    package struct Entry: Sendable, Hashable {
        package let sequence: SequenceID
        /// The index of the first of its tokens: those before it are computed.
        package let firstToken: Int
        package let tokenCount: Int
        package let logits: LogitRows

        package init(sequence: SequenceID, firstToken: Int, tokenCount: Int, logits: LogitRows) {
            self.sequence = sequence
            self.firstToken = firstToken
            self.tokenCount = tokenCount
            self.logits = logits
        }
    }

    /// To be done in order before the pass: what is preempted, refused, or no longer waits for a page.
    package internal(set) var preparation: [SchedulerAction] = []
    /// Entries of sequences that decode, then prompts.
    package internal(set) var entries: [Entry] = []

    package init() {}

    /// Rows of the pass.
    package var rowCount: Int { entries.reduce(0) { $0 + $1.tokenCount } }

    mutating func clear() {
        preparation.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Takes out a sequence's entry, if it has one.
    mutating func drop(_ id: SequenceID) {
        if let index = entries.lastIndex(where: { $0.sequence == id }) { entries.remove(at: index) }
    }
}

/// What became of one entry of a step.
package enum EntryOutcome: Sendable, Hashable {
    /// Keys and values are there, and the logits that were wanted.
    case computed
    /// Pages could not be had, though everything cached was given up: to be tried again when another has made room.
    case outOfMemory
    /// A fault of this entry alone: its sequence ends.
    case failed
}
