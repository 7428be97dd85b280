/// How the memory for keys and values stands when a scheduler is asked, as the pool and the prefix index count it.
package struct SchedulerMemory: Sendable, Hashable {
    /// Bytes that running sequences, cached prefixes and everything else in the pool may take together.
    package var budgetByteCount: Int
    /// Bytes taken, each page once however many share it.
    package var usedByteCount: Int
    /// Bytes of `usedByteCount` that only the prefix index holds: whoever executes a step gives them up before a page is
    /// refused.
    package var evictableByteCount: Int

    package init(budgetByteCount: Int, usedByteCount: Int, evictableByteCount: Int = 0) {
        self.budgetByteCount = min(budgetByteCount, SequenceCost.unaffordable - 1)
        self.usedByteCount = usedByteCount
        self.evictableByteCount = evictableByteCount
    }

    /// What may still be taken; negative where more is used than allowed.
    package var availableByteCount: Int { budgetByteCount - usedByteCount + evictableByteCount }
}
