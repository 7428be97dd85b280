package import NuthatchTensors

/// What the cache refuses, and why. Whatever throws one of these has changed nothing.
package enum CacheError: ExplainedError, Equatable {
    /// The configuration or a layer's geometry makes no cache.
    case invalidConfiguration(reason: String, remedy: String)
    /// More tokens than were reserved, or than any cache holds.
    case full(capacity: Int, asked: Int)
    /// More tokens at once than reserved window layers have room for.
    case chunkTooLong(limit: Int, asked: Int)
    /// An encoder-decoder was given a source without tokens.
    case emptySource
    /// A source was to be read, ended or shared before all of it was there.
    case incompleteSource(filled: Int, tokenCount: Int)
    /// A group has no such rows.
    case invalidRows(reason: String)
    /// Keys and values to write don't fit the cache.
    case invalidContents(reason: String)
    /// Pages would exceed the pool's budget, or (budget nil) the system has no memory left.
    case outOfMemory(byteCount: Int, inUse: Int, budget: Int?)
    /// The pages in a page file would exceed its budget.
    case diskBudgetExceeded(path: String, byteCount: Int, inUse: Int, budget: Int)
    /// The file system has no room, or the file may not grow as far.
    case diskFull(path: String, byteCount: Int, reason: String)
    /// The system refused an operation on a file.
    case ioFailed(operation: String, path: String, reason: String)
    /// A page came back from its file other than it was written.
    case damagedPage(path: String, offset: Int, byteCount: Int, fault: PageFault)
    /// The system has no thread left to move pages with.
    case noThread
    /// A saved cache can't be used.
    case snapshotRefused(path: String, SnapshotRefusal)

    package var code: NuthatchError.Code {
        switch self {
        case .invalidConfiguration, .chunkTooLong, .emptySource, .invalidRows, .invalidContents: .usage
        case .incompleteSource: .internalFault
        case .full: .contextFull
        case .outOfMemory: .outOfMemory
        case .diskBudgetExceeded, .diskFull, .ioFailed, .noThread: .unavailable
        case .damagedPage: .badData
        case .snapshotRefused(_, let refusal): refusal.code
        }
    }

    package var message: String {
        switch self {
        case .invalidConfiguration(let reason, _):
            reason
        case .full(let capacity, let asked):
            "The cache has room for \(Counted.text(capacity, "token")); \(asked) \(Counted.are(asked)) needed."
        case .chunkTooLong(let limit, let asked):
            "A pass brings \(Counted.text(asked, "token")); the reserved window layers have room for \(limit) at a time."
        case .emptySource:
            "The source has no tokens."
        case .incompleteSource(_, 0):
            "There is no source yet."
        case .incompleteSource(let filled, let tokenCount):
            "The source has \(filled) of its \(Counted.text(tokenCount, "token"))."
        case .invalidRows(let reason), .invalidContents(let reason):
            reason
        case .outOfMemory(let byteCount, let inUse, let budget?):
            Self.excess(byteCount, inUse: inUse, budget: budget)
        case .outOfMemory(let byteCount, let inUse, nil):
            "The system refused the cache \(ByteQuantity.text(byteCount)) more; it holds "
                + "\(ByteQuantity.text(inUse))."
        case .diskBudgetExceeded(let path, let byteCount, let inUse, let budget):
            Self.excess(byteCount, in: path, inUse: inUse, budget: budget)
        case .diskFull(let path, let byteCount, let reason):
            "There is no room for \(ByteQuantity.text(byteCount)) more in \(path): \(reason)."
        case .ioFailed(let operation, let path, let reason):
            "Could not \(operation) \(path): \(reason)."
        case .damagedPage(let path, let offset, let byteCount, let fault):
            "The \(Counted.text(byteCount, "byte")) at \(offset) of \(path) are not the page that was written there: \(fault)."
        case .noThread:
            "The system refused the thread that moves pages between memory and disk."
        case .snapshotRefused(let path, let refusal):
            refusal.message(path: path)
        }
    }

    private static func excess(
        _ byteCount: Int, in path: String? = nil, inUse: Int, budget: Int
    ) -> String {
        let numbers = ByteQuantity.texts(byteCount, inUse, budget)
        let place = path.map { " in \($0)" } ?? ""
        return "The cache needs \(numbers[0]) more\(place); \(numbers[1]) of its budget of \(numbers[2]) are "
            + "in use."
    }

    package var remedy: String? {
        switch self {
        case .invalidConfiguration(_, let remedy): remedy
        case .full: "Give fewer tokens, or reserve the cache for more (--kv-capacity)."
        case .chunkTooLong(let limit, _):
            "Feed at most \(Counted.text(limit, "token")) per pass, or configure longer chunks."
        case .emptySource: "Give the encoder at least one token."
        case .incompleteSource: "Encode the whole source first."
        case .invalidRows: "Name rows that the group has, counted from 0."
        case .invalidContents: "Give what a cache of the same model and retention gave."
        case .outOfMemory(_, _, .some):
            "Shorten the context, hold keys and values in fewer bits, or allow more (--memory)."
        case .outOfMemory(_, _, nil):
            "Close other programs, raise the limit on address space if one is set (ulimit -v), shorten the context, or hold "
                + "keys and values in fewer bits."
        case .diskBudgetExceeded:
            "Shorten the context, hold keys and values in fewer bits, or raise the cache's budget on disk."
        case .diskFull:
            "Free space there, raise the limit on file sizes if one is set, or place the cache elsewhere."
        case .ioFailed:
            "Check that the directory exists, that you may write there, and that the disk is well."
        case .damagedPage:
            "Start the conversation again; if it happens twice, check the disk or place the cache elsewhere."
        case .noThread:
            "Close other programs, or raise the limit on threads."
        case .snapshotRefused(_, let refusal):
            refusal.remedy
        }
    }
}
