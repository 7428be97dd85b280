import ArgumentParser
import NuthatchTensors

/// The text that caches are measured on, and how much they may cost there.
struct MeasuredTextOptionGroup: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A text file, UTF-8; '-' reads standard input. Default: a text of the program's own.",
            valueName: "file"), completion: .file())
    var promptFile: String?

    @Option(
        help: ArgumentHelp(
            "The most that a cache may cost to be taken: mean KL divergence.", valueName: "nats"))
    var tolerance = 0.01

    func validate() throws {
        guard tolerance >= 0, tolerance.isFinite else {
            throw ValidationError("--tolerance is \(tolerance); choose 0 or more, 0.01 for example.")
        }
    }

    /// The file, where there is one.
    var inputs: [String] { promptFile.map { $0 == "-" ? [] : [$0] } ?? [] }

    /// The text; nil for the program's own.
    func text() throws(NuthatchError) -> String? {
        guard let promptFile else { return nil }
        return try PromptInput.read(file: promptFile, by: "--prompt-file")
    }
}
