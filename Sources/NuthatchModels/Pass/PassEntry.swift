package import NuthatchCache
package import NuthatchTensors

/// One sequence's part of a pass: its next tokens, and what is wanted of them.
package struct PassEntry {
    /// What it goes on from; changed when the pass has ended.
    package let cache: SequenceCache
    /// What its rows look at beside that: an encoder-decoder's. Nil for decoders.
    package let pair: EncoderDecoderCache?
    /// One or more.
    package let tokens: ArraySlice<TokenID>
    /// Images that some of the tokens are of, and any others.
    package let images: [PlacedImage]
    package let logits: LogitRows

    /// A decoder's.
    package init(
        _ cache: SequenceCache, _ tokens: ArraySlice<TokenID>, images: [PlacedImage] = [],
        logits: LogitRows = .last
    ) {
        self.cache = cache
        pair = nil
        self.tokens = tokens
        self.images = images
        self.logits = logits
    }

    /// An encoder-decoder's: tokens of an answer to the source that the pair holds.
    package init(
        answering pair: EncoderDecoderCache, _ tokens: ArraySlice<TokenID>, logits: LogitRows = .last
    ) {
        cache = pair.target
        self.pair = pair
        self.tokens = tokens
        images = []
        self.logits = logits
    }

    /// The positions of its tokens.
    var positions: Range<Int> { cache.tokenCount..<cache.tokenCount + tokens.count }
}

/// Which of an entry's rows give logits.
package enum LogitRows: Sendable, Hashable {
    case none
    /// One row, of the last token.
    case last
    /// A row for every token, in their order.
    case all

    /// How many rows of `tokenCount` tokens that is.
    package func count(of tokenCount: Int) -> Int {
        switch self {
        case .none: 0
        case .last: min(1, tokenCount)
        case .all: tokenCount
        }
    }
}

/// What became of an entry. Whatever it is, the other entries of the pass are none the worse for it.
package enum PassOutcome {
    /// The entry's tokens are in its cache. The logits asked for, [row, vocabulary], lie in the workspace: valid until its next
    /// pass.
    case computed(logits: Rows)
    /// The entry was not in the pass: memory was refused, a page file is full, its tokens or images don't fit. Its cache is as it
    /// was.
    case refused(ModelError)
    /// The entry was in the pass, but pages of its own could not be read back from disk. Its cache is as it was.
    case damaged(CacheError)

    /// The logits.
    ///
    /// - Throws: what kept the entry from them.
    package func get() throws(ModelError) -> Rows {
        switch self {
        case .computed(let logits): return logits
        case .refused(let error): throw error
        case .damaged(let error): throw .cache(error)
        }
    }
}
