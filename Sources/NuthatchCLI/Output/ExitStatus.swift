import NuthatchTensors

/// How `nuthatch` ends, as a shell sees it: the numbers of sysexits.h, and of a shell for signals.
package enum ExitStatus: Int32, CaseIterable, Sendable {
    case success = 0
    case usage = 64
    case badData = 65
    case unavailable = 69
    case internalFault = 70
    case outputFailed = 74
    case interrupted = 130
    case brokenPipe = 141

    init(_ code: NuthatchError.Code) {
        switch code {
        case .usage: self = .usage
        case .badData, .contextFull: self = .badData
        case .unavailable, .outOfMemory: self = .unavailable
        case .cancelled: self = .interrupted
        default: self = .internalFault
        }
    }

    package var meaning: String {
        switch self {
        case .success: "done"
        case .usage: "the command line asks for what can't be done"
        case .badData: "a file, prompt or template is malformed, or the context is full"
        case .unavailable: "something is not there: a file, a host, enough memory or disk"
        case .internalFault: "a fault of Nuthatch itself; please report it"
        case .outputFailed: "standard output is closed, or could not be written"
        case .interrupted: "stopped by Ctrl-C, or asked to end while it wrote a file"
        case .brokenPipe: "whoever read standard output went away"
        }
    }

    /// A line each, for `nuthatch --help`.
    package static var table: String {
        allCases.map { "\($0.rawValue)".padded(to: 6) + $0.meaning }.joined(separator: "\n")
    }
}
