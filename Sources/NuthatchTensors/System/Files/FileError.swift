#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What the system refused to do with a file, and why. Rooms make their own sentence of it.
package struct FileError: Error, Equatable {
    /// The verb that failed, as it stands in a sentence: "Could not synchronise ...".
    package enum Operation: String, Sendable {
        case open, create, measure, read, write, extend, truncate, synchronise, rename, lock, map
    }

    package enum Cause: Equatable, Sendable {
        /// The system's own number for it.
        case system(CInt)
        /// What has this name is no regular file.
        case irregular
        /// The process may make files of so many bytes at most (`ulimit -f`).
        case sizeLimit(byteCount: Int)
    }

    /// What callers tell apart.
    package enum Kind: Equatable, Sendable {
        case absent, present, noRoom, tooLong, noMemory, other
    }

    package let operation: Operation
    package let path: String
    package let cause: Cause

    package init(_ operation: Operation, _ path: String, _ cause: Cause) {
        self.operation = operation
        self.path = path
        self.cause = cause
    }

    /// The refusal that the last call of the system on this thread left behind.
    init(_ operation: Operation, _ path: String) {
        self.init(operation, path, .system(errno))
    }

    package var kind: Kind {
        switch cause {
        case .system(ENOENT), .system(ENOTDIR): .absent
        case .system(EEXIST): .present
        case .system(ENOSPC), .system(EDQUOT): .noRoom
        case .system(EFBIG), .sizeLimit: .tooLong
        case .system(ENOMEM): .noMemory
        case .system, .irregular: .other
        }
    }

    /// A clause without its full stop; the system's own words where it has any.
    package var reason: String {
        switch cause {
        case .system(let code): Self.words(for: code)
        case .irregular: "it is not a regular file"
        case .sizeLimit(let byteCount):
            "this process may make files of \(ByteQuantity.text(byteCount)) at most"
        }
    }
}

extension FileError {
    /// The refusal to write over what has the name `path`.
    static func present(_ path: String) -> FileError { FileError(.create, path, .system(EEXIST)) }

    /// The system's own words for one of its numbers.
    package static func words(for code: CInt) -> String { String(cString: strerror(code)) }
}
