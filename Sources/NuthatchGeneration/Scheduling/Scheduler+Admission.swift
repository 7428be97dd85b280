extension Scheduler {
    /// The next in line that may run, or is refused; nil where nobody is for now. To be asked again, with the memory as it
    /// is then, until that.
    ///
    /// First come, first served: whoever does not fit yet lets nobody by, so that many small ones never starve a large one.
    /// Only those that wait for a page, or have nothing to compute, are passed over. There has to be room for all of its
    /// tokens and a page more, beside what each that runs still needs for the same.
    package mutating func admit(now: Duration, memory: SchedulerMemory) -> SchedulerAction? {
        bottleneck = nil
        guard !waiting.isEmpty else { return nil }
        if let refusal = refuseUnaffordable(memory) { return refusal }
        guard let index = waiting.firstIndex(where: { $0.mayBeAdmitted(at: now) }) else { return nil }
        if running.isEmpty { holdsAdmission = false }
        guard !holdsAdmission else { return wait(.refusedPages) }
        guard running.count < limits.runningCount else { return wait(.places(runningCount: running.count)) }

        let byteCount = waiting[index].admissionByteCount
        let available = memory.availableByteCount - outstandingByteCount
        guard byteCount <= available else {
            guard running.isEmpty else {
                return wait(.memory(byteCount: byteCount, availableByteCount: available))
            }
            // Nobody runs who could make room by ending.
            return .refuse(
                waiting.remove(at: index).id,
                .exceedsAvailable(
                    byteCount: byteCount, availableByteCount: available,
                    budgetByteCount: memory.budgetByteCount))
        }
        var sequence = waiting.remove(at: index)
        sequence.pageWait = nil
        running.insert(sequence, at: Self.place(of: sequence.id, in: running))
        return .admit(sequence.id, attachableTokenCount: sequence.attachableTokenCount)
    }

    private mutating func wait(_ reason: WaitingReason) -> SchedulerAction? {
        bottleneck = reason
        return nil
    }

    /// Refuses the first that will not fit however long it waits, wherever in line it is.
    private mutating func refuseUnaffordable(_ memory: SchedulerMemory) -> SchedulerAction? {
        for index in waiting.indices where waiting[index].hasWork {
            guard waiting[index].comparedBudget != memory.budgetByteCount else { continue }
            let byteCount = waiting[index].admissionByteCount
            guard byteCount <= memory.budgetByteCount else {
                return .refuse(
                    waiting.remove(at: index).id,
                    .exceedsBudget(byteCount: byteCount, budgetByteCount: memory.budgetByteCount))
            }
            waiting[index].comparedBudget = memory.budgetByteCount
        }
        return nil
    }

    /// What those that run will still take for the tokens they have and a page more each.
    private var outstandingByteCount: Int {
        var sum = 0
        for index in running.indices {
            sum += running[index].outstandingByteCount(decodingTokenCount: limits.decodingTokenCount)
        }
        return sum
    }
}
