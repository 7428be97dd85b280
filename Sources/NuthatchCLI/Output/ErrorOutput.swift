import ArgumentParser
import NuthatchTensors

/// Turns an error into a sentence on standard error and an exit code of sysexits.h.
enum ErrorOutput {
    static func exit(with error: any Error) -> Never {
        if let known = explained(error) {
            Terminal.standardError.write("nuthatch: \(known.description)\n")
            endProcess(exitCode(known.code))
        }
        NuthatchCommand.exit(withError: error)
    }

    private static func explained(_ error: any Error) -> NuthatchError? {
        if let error = error as? NuthatchError { return error }
        if let error = error as? any ExplainedError { return NuthatchError(error) }
        if error is CancellationError { return NuthatchError(code: .cancelled, message: "Cancelled.") }
        return nil
    }

    /// 64 usage, 65 bad data, 69 unavailable, 70 internal; 130 as a shell reports an interrupt.
    static func exitCode(_ code: NuthatchError.Code) -> Int32 {
        switch code {
        case .usage: 64
        case .badData, .contextFull: 65
        case .unavailable, .outOfMemory: 69
        case .cancelled: 130
        default: 70
        }
    }
}
