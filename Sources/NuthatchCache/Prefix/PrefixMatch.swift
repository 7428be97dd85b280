/// How much of a sequence was found in a prefix index.
package struct PrefixMatch: Equatable, Sendable {
    /// The shared beginning of a page.
    package struct Part: Equatable, Sendable {
        /// The column that begins alike.
        package var name: PageName
        /// How many of its first tokens are shared.
        package var tokenCount: Int

        package init(name: PageName, tokenCount: Int) {
            self.name = name
            self.tokenCount = tokenCount
        }
    }

    /// Why no more was found.
    package enum Reason: Equatable, Sendable {
        /// There is no more that could have been.
        case nothing
        /// What comes next was never there, or has been given up.
        case unknown
        /// More tokens are known, this many, but not all pages are kept that a sequence needs there.
        case incomplete(tokenCount: Int)
        /// Another page has the name of what comes next.
        case mismatched
    }

    /// Names of the whole columns, from page 0 on.
    package var columns: [PageName] = []
    /// What is shared of the page behind them.
    package var part: Part?
    /// The tokens found: those of the columns and of the part.
    package var tokenCount = 0
    /// The tokens looked for.
    package var askedTokenCount: Int
    /// Tokens known behind those found, of no use as a place to go on from.
    package var unusableTokenCount = 0
    /// The name of the first page that has to be computed, where the sequence has all of its tokens: whether somebody is
    /// at it, `PagesUnderWay` knows.
    package var next: PageName?
    package var isMismatched = false

    package init(askedTokenCount: Int) {
        self.askedTokenCount = askedTokenCount
    }

    package var reason: Reason {
        if tokenCount == askedTokenCount { return .nothing }
        if unusableTokenCount > 0 { return .incomplete(tokenCount: unusableTokenCount) }
        return isMismatched ? .mismatched : .unknown
    }
}

/// What became of a page that was offered to a prefix index.
package enum PrefixInsertion<Payload> {
    /// The page is a column now.
    case inserted
    /// A column of this page was there: take that. `lacking` are the kinds of pages offered that it does not have.
    case merged(Payload, lacking: PageKinds)
    /// The column before it is not there, or no more.
    case orphaned
    /// Another page has the name.
    case mismatched
}

extension PrefixInsertion: Equatable where Payload: Equatable {}
extension PrefixInsertion: Sendable where Payload: Sendable {}

/// What a prefix index holds and what it was good for.
package struct PrefixUsage: Equatable, Sendable {
    package var columnCount = 0
    /// Bytes of all columns, each counted once.
    package var byteCount = 0
    /// Bytes of columns that some sequence holds.
    package var heldByteCount = 0
    /// Tokens that sequences took from the index, and those they looked for and had to compute.
    package var hitTokenCount = 0
    package var missTokenCount = 0
    /// Pages that were computed although a column of theirs was there.
    package var mergeCount = 0
    package var evictionCount = 0
    /// Names found for another page than theirs.
    package var mismatchCount = 0

    package init() {}

    /// Bytes of columns that only the index holds: what can be given up.
    package var cachedByteCount: Int { byteCount - heldByteCount }
}
