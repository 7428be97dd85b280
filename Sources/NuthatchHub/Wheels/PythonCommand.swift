internal import Subprocess

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

#if canImport(System)
    internal import System
#else
    internal import SystemPackage
#endif

/// The Python that brings pip, run through `/usr/bin/env`, which finds it in the search path: this room reads
/// no environment of its own. Arguments are passed as they are; no shell ever sees them.
package struct PythonCommand: Sendable {
    /// What `env` runs: perhaps assignments, then the interpreter.
    private let words: [String]

    package init(_ words: [String] = ["python3"]) {
        self.words = words
    }

    struct Outcome: Equatable {
        let status: Int32
        /// The end of what it printed, both streams together.
        let output: String
    }

    enum Failure: Error {
        case couldNotStart(reason: String)
        case cancelled
    }

    /// Enough for pip's last error with its context.
    private static let outputByteLimit = 8192

    /// Runs to its end. `temporaryDirectory` is where the child keeps what it has not finished.
    func run(
        _ arguments: [String], in directory: String, temporaryDirectory: String, log: String
    ) async throws(Failure) -> Outcome {
        let output: FileDescriptor
        do {
            output = try .open(
                log, .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            throw .couldNotStart(reason: "its log \(log) cannot be written")
        }
        var options = PlatformOptions()
        // pip takes its unfinished files away when it is asked to end.
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let status: TerminationStatus
        do {
            status = try await Subprocess.run(
                .path("/usr/bin/env"),
                arguments: Arguments(["TMPDIR=\(temporaryDirectory)"] + words + arguments),
                workingDirectory: FilePath(directory), platformOptions: options, input: .none,
                output: .fileDescriptor(output, closeAfterSpawningProcess: true), error: .combinedWithOutput
            ).terminationStatus
        } catch {
            if Task.isCancelled { throw .cancelled }
            throw .couldNotStart(reason: "\(error)")
        }
        if Task.isCancelled { throw .cancelled }
        return Outcome(status: status.code, output: Self.tail(of: log))
    }

    private static func tail(of path: String) -> String {
        let data = FileManager.default.contents(atPath: path) ?? Data()
        return String(decoding: data.suffix(outputByteLimit), as: UTF8.self)
    }
}

extension TerminationStatus {
    /// The exit code, or the signal that ended it.
    fileprivate var code: Int32 {
        switch self {
        case .exited(let code), .signaled(let code): code
        }
    }
}
