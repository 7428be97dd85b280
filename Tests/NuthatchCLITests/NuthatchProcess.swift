import Foundation
import Testing

/// Runs the built `nuthatch`, as a person's shell would.
struct NuthatchProcess {
    var exitCode: Int32
    var output: String
    var errors: String

    /// The test bundle lies beside the executables of the same build.
    static var executable: URL {
        let beside = Bundle.main.bundleURL.deletingLastPathComponent().appendingPathComponent("nuthatch")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("nuthatch")
    }

    /// - Parameter environment: added to an environment with an empty model store, no terminal and no hub.
    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:],
        executable: URL = Self.executable
    ) throws -> NuthatchProcess {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment
        variables["HF_ENDPOINT"] = "http://127.0.0.1:9"
        variables.merge(environment) { $1 }
        process.environment = variables
        let pipes = (input: Pipe(), output: Pipe(), errors: Pipe())
        process.standardInput = pipes.input
        process.standardOutput = pipes.output
        process.standardError = pipes.errors
        try process.run()
        try pipes.input.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try pipes.input.fileHandleForWriting.close()
        // Standard error is short, so reading one stream after the other can't fill a pipe.
        let output = pipes.output.fileHandleForReading.readDataToEndOfFile()
        let errors = pipes.errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return NuthatchProcess(
            exitCode: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self))
    }

    /// The one object that a command prints under --json.
    static func json(_ arguments: String..., exitCode: Int32 = 0) throws -> [String: Any] {
        try json(arguments, exitCode: exitCode)
    }

    static func json(_ arguments: [String], exitCode: Int32 = 0) throws -> [String: Any] {
        let result = try run(arguments + ["--json"])
        #expect(result.exitCode == exitCode, "\(result.errors)")
        #expect(result.errors.isEmpty)
        #expect(result.output.hasSuffix("}\n"))
        return try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }
}
