import Foundation
import NuthatchTestSupport
import Testing

/// Whatever a command prints, it says so where nobody can get it.
@Suite struct StandardOutputTests {
    private let model: TemporaryDirectory

    init() throws { model = try ChatModel.write() }

    private var commands: [[String]] {
        [
            ["--help"], ["--version"], ["chat", "--help"], ["list"], ["info", model.path],
            ["info", model.path, "--json"], ["plan", model.path], ["tokenize", "-m", model.path, "seed"],
            ["run", "-m", model.path, "--max-new-tokens", "3", "--ignore-end", "seed"],
            ["run", "-m", model.path, "--max-new-tokens", "3", "--ignore-end", "seed", "--json"],
        ]
    }

    /// Through a shell, which connects standard output as `redirection` says.
    private func shell(_ arguments: [String], _ redirection: String) throws -> NuthatchProcess {
        try NuthatchProcess.run(
            ["-c", "\"$0\" \"$@\" \(redirection)", NuthatchProcess.executable.path] + arguments,
            executable: URL(filePath: "/bin/bash"))
    }

    @Test func aClosedOneIsSaid() throws {
        for arguments in commands {
            let result = try shell(arguments, ">&-")
            #expect(result.exitCode == 74, "\(arguments): \(result.errors)")
            #expect(
                result.errors.contains(
                    "nuthatch: Standard output is closed. Connect it to a terminal, a pipe or a file."),
                "\(arguments): \(result.errors)")
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func aFullOneIsSaid() throws {
        for arguments in commands {
            let result = try shell(arguments, ">/dev/full")
            #expect(result.exitCode == 74, "\(arguments): \(result.errors)")
            #expect(
                result.errors.contains(
                    "nuthatch: Standard output can't be written: No space left on device."),
                "\(arguments): \(result.errors)")
        }
    }

    @Test func aReaderThatGoesAwayEndsItQuietly() throws {
        for arguments in commands {
            // The reader is gone before anything is written.
            let result = try shell(arguments, "| true; exit ${PIPESTATUS[0]}")
            #expect([0, 141].contains(result.exitCode), "\(arguments): \(result.exitCode)")
            #expect(!result.errors.contains("Standard output"), "\(arguments): \(result.errors)")
        }
        let late = try shell(["info", model.path, "--tensors"], "> >(exec 0<&-; sleep 1) ; exit $?")
        #expect([0, 141].contains(late.exitCode))
    }

    @Test func aClosedStandardErrorChangesNothing() throws {
        let usual = try NuthatchProcess.run(["info", model.path])
        let closed = try shell(["info", model.path], "2>&-")
        #expect(closed.exitCode == 0)
        #expect(closed.output == usual.output)
    }

    @Test func underJSONAFailureIsAnObjectToo() throws {
        for (arguments, code, status) in [
            (["info", "/no/such/model.gguf", "--json"], "unavailable", 69),
            (["run", "--json", "-m", model.path, "--threads", "0", "seed"], "usage", 64),
            (["run", "--json", "--nonsense", "seed"], "usage", 64),
            (["frobnicate", "--json"], "usage", 64),
        ] {
            let result = try NuthatchProcess.run(arguments)
            #expect(result.exitCode == Int32(status))
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            let error = try #require(object["error"] as? [String: Any])
            #expect(error["code"] as? String == code)
            #expect(error["exit_status"] as? Int == status)
            let message = try #require(error["message"] as? String)
            #expect(result.errors.contains(message))
        }
    }
}
