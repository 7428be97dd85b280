import ArgumentParser
import NuthatchTensors

/// Turns an error into a sentence on standard error and an exit status; under --json, into an object as well.
enum ErrorOutput {
    /// - Parameter asJSON: whether the command was asked for JSON.
    static func exit(with error: any Error, asJSON: Bool = false) -> Never {
        // What there was to say has been printed.
        if let code = error as? ExitCode { endProcess(code.rawValue) }
        if let output = error as? OutputError {
            // As a program that such a signal ends: quietly.
            if output == .readerGone { Signals.endByBrokenPipe() }
            Terminal.standardError.say("nuthatch: \(output.description)\n")
            endProcess(ExitStatus.outputFailed.rawValue)
        }
        if let known = explained(error) {
            fail(
                known, status: ExitStatus(known.code),
                sentence: "nuthatch: \(TerminalText.visible(known.description))\n", asJSON: asJSON)
        }
        // Help and versions are no errors; they and what is wrong with the arguments are ArgumentParser's to say.
        let text = NuthatchCommand.fullMessage(for: error)
        guard NuthatchCommand.exitCode(for: error) != .success else {
            do throws(OutputError) {
                try Terminal.standardOutput.write(text.isEmpty ? "" : text + "\n")
                endProcess(ExitStatus.success.rawValue)
            } catch { exit(with: error) }
        }
        let usage = NuthatchError(
            code: .usage, message: TerminalText.visible(NuthatchCommand.message(for: error)))
        fail(usage, status: .usage, sentence: TerminalText.visible(text) + "\n", asJSON: asJSON)
    }

    private static func fail(
        _ error: NuthatchError, status: ExitStatus, sentence: String, asJSON: Bool
    ) -> Never {
        if asJSON {
            // Where that fails too, the sentence says what there is to say.
            try? Terminal.standardOutput.write(JSONOutput.line(ErrorResult(error, status)))
        }
        Terminal.standardError.say(sentence)
        endProcess(status.rawValue)
    }

    /// What can be said of an error; nil for those that are ArgumentParser's to say.
    static func explained(_ error: any Error) -> NuthatchError? {
        if let error = error as? NuthatchError { return error }
        if let error = error as? any ExplainedError { return NuthatchError(error) }
        if error is CancellationError { return NuthatchError(code: .cancelled, message: "Cancelled.") }
        return nil
    }
}

/// What a command that fails prints under --json.
private struct ErrorResult: Encodable {
    struct Failure: Encodable {
        let code: String
        let message: String
        let remedy: String?
        let exitStatus: Int32
    }

    let error: Failure

    init(_ error: NuthatchError, _ status: ExitStatus) {
        self.error = Failure(
            code: "\(error.code)", message: error.message, remedy: error.remedy, exitStatus: status.rawValue)
    }
}
