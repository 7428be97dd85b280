/// What a planned step takes is made to fit before it runs.
extension Scheduler {
    /// Preempts the youngest until the planned entries fit in `available` bytes; the last one left is cut to what fits, or
    /// refused.
    mutating func fit(_ available: Int, budget: Int, _ step: inout ScheduledStep) {
        var available = available + refuseOversized(budget: budget, &step)
        while plannedGrowth > available {
            if running.count > 1 {
                available += preemptYoungest(&step)
            } else {
                fitAlone(available, budget: budget, &step)
                return
            }
        }
    }

    private var plannedGrowth: Int {
        var sum = 0
        for index in running.indices { sum += running[index].plannedGrowth }
        return sum
    }

    /// Nobody gives way to one that would not fit alone.
    ///
    /// - Returns: bytes that became free.
    private mutating func refuseOversized(budget: Int, _ step: inout ScheduledStep) -> Int {
        var freed = 0
        var index = 0
        while index < running.count {
            guard running[index].plannedByteCount > budget, !cut(index, to: budget, &step) else {
                index += 1
                continue
            }
            let sequence = running.remove(at: index)
            freed += sequence.heldByteCount
            step.drop(sequence.id)
            step.preparation.append(
                .refuse(
                    sequence.id,
                    .exceedsBudget(byteCount: sequence.nextByteCount, budgetByteCount: budget)))
        }
        return freed
    }

    private mutating func fitAlone(_ available: Int, budget: Int, _ step: inout ScheduledStep) {
        let sequence = running[0]
        guard !cut(0, to: sequence.heldByteCount + available, &step) else { return }
        step.drop(sequence.id)
        step.preparation.append(
            .refuse(
                sequence.id,
                .exceedsAvailable(
                    byteCount: sequence.nextByteCount, availableByteCount: sequence.heldByteCount + available,
                    budgetByteCount: budget)))
        running.remove(at: 0)
    }

    /// Makes a planned entry as long as `byteCount` bytes allow; whether that is any.
    private mutating func cut(_ index: Int, to byteCount: Int, _ step: inout ScheduledStep) -> Bool {
        let sequence = running[index]
        let tokenCount = sequence.cost.largestNewTokenCount(
            tokenCount: sequence.computedCount, byteCount: byteCount, limit: sequence.plannedTokenCount)
        guard tokenCount > 0, let place = step.entries.firstIndex(where: { $0.sequence == sequence.id })
        else {
            return false
        }
        let entry = sequence.entry(limit: tokenCount)
        step.entries[place] = entry
        running[index].plannedTokenCount = entry.tokenCount
        running[index].plannedByteCount = sequence.cost.byteCount(
            tokenCount: entry.firstToken, newTokenCount: entry.tokenCount)
        return true
    }

    /// The youngest that runs goes back to its place in line, which is before all that came after it.
    ///
    /// - Returns: bytes that become free by that, as the planner counts: too many where pages are shared, which shows in
    ///   entries that are refused.
    mutating func preemptYoungest(_ step: inout ScheduledStep) -> Int {
        guard var sequence = running.popLast() else { return 0 }
        let freed = sequence.heldByteCount
        sequence.preempt()
        step.drop(sequence.id)
        step.preparation.append(.preempt(sequence.id))
        waiting.insert(sequence, at: Self.place(of: sequence.id, in: waiting))
        return freed
    }
}
