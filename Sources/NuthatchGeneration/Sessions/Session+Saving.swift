public import NuthatchTensors

extension Session {
    /// Saves the cache to a file, with the tokens it holds: keys and values as they are, and digests of the weights,
    /// the tokenizer, the rotary positions and the cache options they depend on.
    ///
    /// The conversation's messages are the application's to keep. What was given up since the last answer, because its memory was
    /// needed elsewhere, is computed again first.
    ///
    /// - Throws: `NuthatchError` where the file can't be written (then what was there before is still there), or an answer
    ///   is being read.
    public func saveCache(to path: String) async throws(NuthatchError) {
        let turn = try turns.ask(for: .saveCache)
        await turns.wait(for: turn)
        defer { turns.end(turn) }
        do {
            try await sequence.recall { try self.place(behind: $0) }
            try sequence.save(to: path)
        } catch { throw NuthatchError(explaining: error) }
    }

    /// Takes the cache from a file that `saveCache` wrote, in this process or another: a prompt that begins with the
    /// tokens it holds computes only the rest, to the same bits.
    ///
    /// - Throws: `NuthatchError` for a file that is damaged, or was saved with another model, tokenizer, position
    ///   encoding or cache options, naming which, or while an answer is being read; the session is as it was.
    public func restoreCache(from path: String) async throws(NuthatchError) {
        let turn = try turns.ask(for: .restoreCache)
        await turns.wait(for: turn)
        defer { turns.end(turn) }
        do { try sequence.restore(from: path) } catch { throw NuthatchError(error) }
    }
}
