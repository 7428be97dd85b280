/// What Nuthatch reports to an application when something cannot be done.
///
/// `message` names the thing and the limit; `remedy` says what to do about it. Rooms throw closed enums of
/// their own (`ExplainedError`); this is the one shape they take at the public edge.
public struct NuthatchError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure, for programs; new kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case usage, badData, unavailable, outOfMemory, contextFull, cancelled, internalFault
        }
        private let kind: Kind

        /// The request itself is wrong: an option, a combination, a missing argument.
        public static let usage = Code(kind: .usage)
        /// A file, a prompt or a template is malformed or exceeds a named limit.
        public static let badData = Code(kind: .badData)
        /// Something needed is not there: a file, a host, a package.
        public static let unavailable = Code(kind: .unavailable)
        /// The memory needed exceeds the memory allowed, predicted before it was taken.
        public static let outOfMemory = Code(kind: .outOfMemory)
        /// The sequence has reached the context length or the reserved capacity.
        public static let contextFull = Code(kind: .contextFull)
        /// The caller asked to stop.
        public static let cancelled = Code(kind: .cancelled)
        /// A broken invariant of Nuthatch; please report it.
        public static let internalFault = Code(kind: .internalFault)

        /// The code's name, as it appears in logs and JSON.
        public var description: String { kind.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence naming the thing and the limit.
    public let message: String
    /// What to do about it, where something can be done.
    public let remedy: String?
    /// The error beneath, where there is one.
    public let cause: (any Error)?

    /// Makes an error for the public edge.
    public init(code: Code, message: String, remedy: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    /// The message, then the remedy.
    public var description: String {
        guard let remedy else { return message }
        return "\(message) \(remedy)"
    }
}

/// An error of one room: a closed enum with data that can explain itself at the public edge.
package protocol ExplainedError: Error, CustomStringConvertible {
    /// The kind of failure.
    var code: NuthatchError.Code { get }
    /// One sentence naming the thing (file, tensor, field) and the limit.
    var message: String { get }
    /// What to do about it.
    var remedy: String? { get }
}

extension ExplainedError {
    package var description: String {
        guard let remedy else { return message }
        return "\(message) \(remedy)"
    }
}

extension NuthatchError {
    /// Wraps a room's error.
    package init(_ error: any ExplainedError) {
        self.init(code: error.code, message: error.message, remedy: error.remedy, cause: error)
    }

    /// Any error as one that explains itself; what no room of ours throws is a fault of the program's.
    package init(explaining error: any Error) {
        switch error {
        case let error as NuthatchError: self = error
        case let error as any ExplainedError: self.init(error)
        default: self.init(code: .internalFault, message: "\(error)", cause: error)
        }
    }
}
