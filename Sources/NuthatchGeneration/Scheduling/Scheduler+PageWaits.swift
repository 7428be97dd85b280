/// A page is computed once: who needs one that another is computing waits for it, with a deadline.
extension Scheduler {
    /// Takes a sequence out of steps, and out of line, until the page has arrived, was abandoned, or `deadline` is past. It
    /// keeps what it holds. A second wait takes the place of the first.
    ///
    /// - Returns: whether there is such a sequence.
    @discardableResult
    package mutating func wait(_ id: SequenceID, for key: PageKey, until deadline: Duration) -> Bool {
        change(id) { $0.pageWait = ScheduledSequence.PageWait(key: key, deadline: deadline) }
    }

    /// Says that a page is there: everyone who waits for it goes on, oldest first. Each running one is to look for the page,
    /// and to attach it before the next plan; who is in line finds it when admitted.
    package mutating func arrived(_ key: PageKey, into actions: inout [SchedulerAction]) {
        release(.arrived, into: &actions) { $0.key == key }
    }

    /// Says that nobody computes a page any more: everyone who waits for it goes on, oldest first. The first of them that is
    /// planned computes it; whoever executes that may let the others wait again.
    package mutating func abandoned(_ key: PageKey, into actions: inout [SchedulerAction]) {
        release(.abandoned, into: &actions) { $0.key == key }
    }

    /// When the next wait ends by itself: a caller without anything to run is to plan again then.
    package var nextDeadline: Duration? {
        var next: Duration?
        for sequences in [running, waiting] {
            for sequence in sequences {
                guard let deadline = sequence.pageWait?.deadline else { continue }
                next = min(next ?? deadline, deadline)
            }
        }
        return next
    }

    /// Ends the waits whose deadline is past, as planning does: whoever wants to attach what has come by then asks before.
    package mutating func releaseOverdue(at now: Duration, into actions: inout [SchedulerAction]) {
        release(.late, into: &actions) { $0.deadline <= now }
    }

    private mutating func release(
        _ end: PageWaitEnd, into actions: inout [SchedulerAction],
        where isOver: (ScheduledSequence.PageWait) -> Bool
    ) {
        for index in running.indices {
            guard let wait = running[index].pageWait, isOver(wait) else { continue }
            running[index].pageWait = nil
            actions.append(.resume(running[index].id, end))
        }
        for index in waiting.indices {
            guard let wait = waiting[index].pageWait, isOver(wait) else { continue }
            waiting[index].pageWait = nil
            actions.append(.resume(waiting[index].id, end))
        }
    }
}
