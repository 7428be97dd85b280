package import NuthatchModels

/// What a scheduler has decided and whoever runs the steps executes.
package enum SchedulerAction: Sendable, Hashable {
    /// The sequence takes rows from the next plan on. Now is the time to look for a cached prefix of at most
    /// `attachableTokenCount` tokens, to attach it, and to say so (`Scheduler.attach`).
    case admit(SequenceID, attachableTokenCount: Int)
    /// The sequence gives up its pages, full ones to the prefix index, and waits for another admission; all that it loses is
    /// time.
    case preempt(SequenceID)
    /// The sequence has ended and is forgotten: there is no room for it.
    case refuse(SequenceID, MemoryRefusal)
    /// The sequence has ended and is forgotten: its entry failed.
    case fail(SequenceID)
    /// The sequence no longer waits for a page.
    case resume(SequenceID, PageWaitEnd)
    /// So many more of its tokens have keys and values, and the logits that it wanted of them are there.
    case computed(SequenceID, tokenCount: Int, logits: LogitRows)
}

/// Why a sequence can't be kept.
package enum MemoryRefusal: Sendable, Hashable {
    /// Alone it takes more than the whole budget.
    case exceedsBudget(byteCount: Int, budgetByteCount: Int)
    /// Nothing else that runs could make room, and what is left is too little: the rest of the budget is held elsewhere.
    case exceedsAvailable(byteCount: Int, availableByteCount: Int, budgetByteCount: Int)
    /// Running alone it was refused pages, within the budget: the system has no more.
    case refusedPages
}

/// Why a sequence takes no rows.
package enum WaitingReason: Sendable, Hashable {
    /// Others that came before it wait too.
    case line(aheadCount: Int)
    /// Tokens and a page more don't fit beside what those that run still need.
    case memory(byteCount: Int, availableByteCount: Int)
    /// As many run as may.
    case places(runningCount: Int)
    /// A step was refused pages that had been counted on; nothing is admitted until one succeeds.
    case refusedPages
    /// Another sequence computes its next page.
    case page(PageKey, until: Duration)
    /// Nothing has been fed to it that is not computed.
    case nothingToCompute
}

/// How waiting for a page ended.
package enum PageWaitEnd: Sendable, Hashable {
    /// The page is there, to be attached.
    case arrived
    /// Whoever computed it has given up.
    case abandoned
    /// The deadline has passed.
    case late
}
