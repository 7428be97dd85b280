extension Scheduler {
    /// Takes what became of the entries of the step that was planned last, in their order, and appends what follows from it.
    ///
    /// One entry's fault ends its own sequence at most. Sequences removed meanwhile are passed over. Where pages were
    /// refused, the youngest gives way in the next plan, and nobody is admitted until a step has had all of its own: the
    /// numbers that admission went by were wrong. One that is refused pages alone has ended.
    package mutating func take(
        _ outcomes: [EntryOutcome], of step: ScheduledStep, into actions: inout [SchedulerAction]
    ) {
        var computedAny = false
        var refusedAny = false
        for (entry, outcome) in zip(step.entries, outcomes) {
            guard let index = Self.index(of: entry.sequence, in: running),
                running[index].plannedTokenCount == entry.tokenCount
            else { continue }
            switch outcome {
            case .computed:
                computedAny = true
                running[index].compute(upTo: entry.firstToken + entry.tokenCount)
                running[index].forgetPlan()
                actions.append(
                    .computed(entry.sequence, tokenCount: entry.tokenCount, logits: entry.logits))
            case .outOfMemory:
                refusedAny = true
                running[index].forgetPlan()
            case .failed:
                running.remove(at: index)
                actions.append(.fail(entry.sequence))
            }
        }
        if refusedAny {
            holdsAdmission = true
            isShortOfPages = true
            if plannedAlone, running.count == 1 {
                actions.append(.refuse(running.removeLast().id, .refusedPages))
            }
        } else if computedAny {
            holdsAdmission = false
        }
    }
}
