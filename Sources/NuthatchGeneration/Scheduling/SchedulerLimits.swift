import NuthatchCache
package import NuthatchTensors

/// How much a step may hold, and how it is shared between prompts and decoding.
package struct SchedulerLimits: Sendable, Hashable {
    /// Rows of one pass: those the workspace has. Decides how long a prompt's chunk is while nobody decodes.
    package let rowCount: Int
    /// The most prompt rows in a pass that also decodes: what a next token may wait for.
    package let mixedPromptRowCount: Int
    /// A sequence with at most so many tokens left to compute is decoding, one with more has a prompt. 1 unless several
    /// proposed tokens are checked in a pass.
    package let decodingTokenCount: Int
    /// The most sequences that hold keys and values at a time.
    package let runningCount: Int

    /// An engine's limits: passes of as many rows as a chunk of a prompt has.
    package static let standard = SchedulerLimits(
        CacheConfiguration.defaultChunkLength, mixed: CacheConfiguration.defaultChunkLength / 4, decoding: 1,
        running: 256)

    private init(_ rowCount: Int, mixed: Int, decoding: Int, running: Int) {
        self.rowCount = rowCount
        mixedPromptRowCount = mixed
        decodingTokenCount = decoding
        runningCount = running
    }

    /// - Parameter mixedPromptRowCount: by default a quarter of a whole chunk, so that a long prompt costs those who
    ///   decode a quarter of what a pass of prompt alone would, and still fills the vectors of the matrix products.
    /// - Throws: `NuthatchError` (usage) where a prompt and a decoding sequence could not stand in one pass.
    package init(
        rowCount: Int = 512, mixedPromptRowCount: Int = 128, decodingTokenCount: Int = 1,
        runningCount: Int = 256
    ) throws(NuthatchError) {
        guard (2...1 << 20).contains(rowCount), (1...rowCount).contains(mixedPromptRowCount),
            (1...rowCount / 2).contains(decodingTokenCount), (1...1 << 20).contains(runningCount)
        else {
            throw NuthatchError(
                code: .usage,
                message:
                    "Passes of \(Counted.text(rowCount, "row")), \(mixedPromptRowCount) of them for prompts while others decode, "
                    + "\(decodingTokenCount) for each that decodes and \(Counted.text(runningCount, "sequence")) at a time can't be scheduled.",
                remedy:
                    "Choose 2 rows or more, at most as many for prompts, at most half as many for one that decodes, and at "
                    + "least one sequence.")
        }
        self.init(
            rowCount, mixed: mixedPromptRowCount, decoding: decodingTokenCount, running: runningCount)
    }

    /// Rows that decoding leaves to prompts however many decode, so that those don't starve.
    var reservedPromptRowCount: Int { max(1, min(mixedPromptRowCount, rowCount / 4)) }

    /// Rows of a pass for the prompts that are not the oldest, of `rowCount` for all prompts: a quarter, so that a short one
    /// gets through behind a long one. The oldest has the others, and is not slowed by more than a third.
    func sharedPromptRowCount(of rowCount: Int) -> Int { rowCount < 2 ? 0 : max(1, rowCount / 4) }
}
