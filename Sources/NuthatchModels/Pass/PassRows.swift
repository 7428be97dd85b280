import NuthatchCache
import NuthatchTensors

/// What a pass is made of, row by row and entry by entry: lists that are kept from pass to pass for their room.
final class PassRows {
    /// The entries that are in the pass: whose cache has which rows.
    private(set) var entries: [CacheBatch.Entry] = []
    /// Entries of an encoder-decoder: the rows of `entries` with the sources they look at.
    private(set) var sourceEntries: [CrossBatch.Entry] = []
    private(set) var tokens: [TokenID] = []
    /// Each row's position in its own sequence.
    private(set) var positions: [Int] = []
    /// Where each row stands for rotary embeddings: there, but for the rows of images and behind them.
    private(set) var ropePositions: [TokenPosition] = []
    /// The image's vector that each row begins with; nil for tokens. Empty in passes without images.
    private(set) var vectors: [UnsafePointer<Float>?] = []
    /// Where each row stands when it looks beyond its window; empty in passes where all stand where they are.
    private(set) var distantPositions: [Int] = []
    /// The rows whose logits are asked for.
    private(set) var logitRows: [Int] = []
    /// What became of each entry that was asked for, in their order.
    private(set) var outcomes: [PassOutcome] = []
    /// The entries that are in the pass, with what is to be committed of them.
    private var admitted: [Admitted] = []

    private struct Admitted {
        let entry: PassEntry
        let outcome: Int
        let logits: Range<Int>
    }

    /// Begins a pass without rows.
    func begin() {
        end()
        tokens.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        ropePositions.removeAll(keepingCapacity: true)
        vectors.removeAll(keepingCapacity: true)
        distantPositions.removeAll(keepingCapacity: true)
        logitRows.removeAll(keepingCapacity: true)
        outcomes.removeAll(keepingCapacity: true)
    }

    /// Lets go of the caches of a pass that has ended, so that their pages go back when they do.
    func end() {
        entries.removeAll(keepingCapacity: true)
        sourceEntries.removeAll(keepingCapacity: true)
        admitted.removeAll(keepingCapacity: true)
    }

    /// Notes an entry that is not in the pass.
    func refuse(_ error: ModelError) { outcomes.append(.refused(error)) }

    /// Takes an entry into the pass.
    func admit(_ entry: PassEntry) {
        let rows = tokens.count..<tokens.count + entry.tokens.count
        entries.append(CacheBatch.Entry(cache: entry.cache, rows: rows))
        if let pair = entry.pair { sourceEntries.append(CrossBatch.Entry(cache: pair, rows: rows)) }
        place(entry, rows)
        let firstLogit = logitRows.count
        logitRows.append(contentsOf: rows.suffix(entry.logits.count(of: rows.count)))
        tokens.append(contentsOf: entry.tokens)
        admitted.append(
            Admitted(entry: entry, outcome: outcomes.count, logits: firstLogit..<logitRows.count))
        outcomes.append(.refused(.invalidBatch(reason: "the pass has not ended")))
    }

    private func place(_ entry: PassEntry, _ rows: Range<Int>) {
        let grids = entry.images.isEmpty ? entry.cache.content.images : entry.grids
        let isDistant = entry.cache.plan.distantLimit != nil
        // What the entries before had no need of.
        while !entry.images.isEmpty, vectors.count < rows.lowerBound { vectors.append(nil) }
        if isDistant { distantPositions.append(contentsOf: positions[distantPositions.count...]) }
        for position in entry.positions {
            positions.append(position)
            ropePositions.append(grids.position(of: position))
            if !entry.images.isEmpty || !vectors.isEmpty { vectors.append(entry.vector(at: position)) }
            if isDistant || !distantPositions.isEmpty {
                distantPositions.append(entry.cache.plan.distantPosition(of: position) ?? position)
            }
        }
    }

    /// Ends a pass that could not be had: all that were in it are refused.
    func refuseAdmitted(_ error: ModelError) {
        for entry in admitted { outcomes[entry.outcome] = .refused(error) }
    }

    /// Ends a pass: what was computed becomes part of its sequence.
    ///
    /// - Parameters:
    ///   - logits: of all rows asked for.
    ///   - finish: ends the pass of the index-th entry in it, before its tokens are committed.
    func commit(_ logits: Rows, finish: (Int) throws(CacheError) -> Void) {
        for (index, admitted) in admitted.enumerated() {
            let entry = admitted.entry
            do throws(CacheError) {
                try finish(index)
                entry.cache.commit(entry.tokens, images: entry.begunImages)
                outcomes[admitted.outcome] = .computed(logits: logits.rows(admitted.logits))
            } catch { outcomes[admitted.outcome] = .damaged(error) }
        }
    }
}
