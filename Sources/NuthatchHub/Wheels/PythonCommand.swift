internal import Foundation

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
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let output = FileHandle(forWritingAtPath: log)
        else {
            throw .couldNotStart(reason: "its log \(log) cannot be written")
        }
        defer { try? output.close() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["TMPDIR=\(temporaryDirectory)"] + words + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<Int32, Failure>, Never>) in
                process.terminationHandler = {
                    continuation.resume(returning: .success($0.terminationStatus))
                }
                do {
                    try process.run()
                    // A cancellation before this moment found nothing to end.
                    if Task.isCancelled { process.terminate() }
                } catch {
                    process.terminationHandler = nil
                    continuation.resume(returning: .failure(.couldNotStart(reason: error.plainReason)))
                }
            }
        } onCancel: {
            if process.isRunning { process.terminate() }
        }
        if Task.isCancelled { throw .cancelled }
        return Outcome(status: try result.get(), output: Self.tail(of: log))
    }

    private static func tail(of path: String) -> String {
        let data = FileManager.default.contents(atPath: path) ?? Data()
        return String(decoding: data.suffix(outputByteLimit), as: UTF8.self)
    }
}
