extension Scheduler {
    /// Plans the next pass, into a step that is used again and again. An empty one with a preparation is to be executed and
    /// followed by another round; an empty one without means that there is nothing to do until something is fed, admitted or
    /// due. A step that is planned and never taken back had no effect.
    ///
    /// Who decodes comes first, all of them, or in turn where rows don't suffice. Prompts fill what is left, up to
    /// `mixedPromptRowCount` where anyone decodes: the oldest takes three quarters of that, the shortest of the others the
    /// rest. So a prompt of n tokens is through after at most the sum of ceil(tokens / three quarters) steps over those
    /// before it and itself, and the shortest after ceil(n / one quarter).
    package mutating func plan(now: Duration, memory: SchedulerMemory, into step: inout ScheduledStep) {
        step.clear()
        for index in running.indices { running[index].forgetPlan() }
        releaseOverdue(at: now, into: &step.preparation)
        var available = memory.availableByteCount
        if isShortOfPages {
            isShortOfPages = false
            if running.count > 1 { available += preemptYoungest(&step) }
        }
        let decodingRowCount = planDecoding(&step)
        let rowCount = limits.rowCount - decodingRowCount
        planPrompts(decodingRowCount > 0 ? min(rowCount, limits.mixedPromptRowCount) : rowCount, &step)
        fit(available, budget: memory.budgetByteCount, &step)
        plannedAlone = running.count == 1
    }

    /// Whether running sequence `index` is one that decodes, where it is ready at all.
    private func decodes(_ index: Int) -> Bool { running[index].remainingCount <= limits.decodingTokenCount }

    /// - Returns: rows taken.
    private mutating func planDecoding(_ step: inout ScheduledStep) -> Int {
        var promptCount = 0
        for index in running.indices where running[index].isReady && !decodes(index) { promptCount += 1 }
        let limit = limits.rowCount - (promptCount > 0 ? limits.reservedPromptRowCount : 0)
        var first = 0
        if let lastDecoded {
            first = Self.place(of: SequenceID(number: lastDecoded.number + 1), in: running)
        }
        var rowCount = 0
        var last: SequenceID?
        for offset in running.indices {
            let index = (first + offset) % running.count
            guard running[index].isReady, decodes(index) else { continue }
            guard rowCount + running[index].remainingCount <= limit else {
                lastDecoded = last
                return rowCount
            }
            rowCount += enter(index, limit: limits.decodingTokenCount, &step)
            last = running[index].id
        }
        lastDecoded = nil
        return rowCount
    }

    private mutating func planPrompts(_ limit: Int, _ step: inout ScheduledStep) {
        var oldest: Int?
        var othersTokenCount = 0
        for index in running.indices where running[index].isReady && !decodes(index) {
            if oldest == nil {
                oldest = index
            } else {
                othersTokenCount += running[index].remainingCount
            }
        }
        guard let oldest, limit > 0 else { return }
        var left = limit
        left -= enter(
            oldest, limit: limit - min(othersTokenCount, limits.sharedPromptRowCount(of: limit)), &step)
        while left > 0, let shortest = shortestUnplannedPrompt {
            left -= enter(shortest, limit: left, &step)
        }
    }

    /// The older of two equally short ones.
    private var shortestUnplannedPrompt: Int? {
        var shortest: Int?
        for index in running.indices {
            guard running[index].isReady, !decodes(index), running[index].plannedTokenCount == 0 else {
                continue
            }
            if let found = shortest, running[found].remainingCount <= running[index].remainingCount {
                continue
            }
            shortest = index
        }
        return shortest
    }

    /// - Returns: rows taken.
    mutating func enter(_ index: Int, limit: Int, _ step: inout ScheduledStep) -> Int {
        let entry = running[index].entry(limit: limit)
        running[index].plannedTokenCount = entry.tokenCount
        running[index].plannedByteCount = running[index].cost.byteCount(
            tokenCount: entry.firstToken, newTokenCount: entry.tokenCount)
        step.entries.append(entry)
        return entry.tokenCount
    }
}
