import ArgumentParser
import NuthatchCheckpoints
import NuthatchReports
import NuthatchTensors

/// Where a report goes beside standard output.
struct ReportOptionGroup: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the report as a page too: one file that needs nothing else.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    @Flag(help: "Replace files that exist.")
    var force = false

    /// Whether the page may be written; asked before long work.
    ///
    /// - Parameter inputs: files that are read, which are never written over.
    func check(inputs: [String] = []) throws {
        guard let html else { return }
        try StagedFile.check(
            try FileArgument.written(html, by: "--html"), replaces: force, inputs: inputs)
    }

    /// Writes the page where one was asked for.
    func writePage(_ report: Report, inputs: [String] = []) throws {
        guard let html else { return }
        try Self.write(HTMLReport.render(report), to: html, replaces: force, inputs: inputs)
    }

    /// Writes a text in one step.
    static func write(_ text: String, to path: String, replaces: Bool, inputs: [String] = []) throws {
        let bytes = Array(text.utf8)
        let file = try StagedFile(
            target: path, byteCount: bytes.count, replaces: replaces, inputs: inputs)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        try file.commit()
        Terminal.standardError.say("nuthatch: Wrote \(TerminalText.visible(path)).\n")
    }
}

extension Report {
    /// The report as a person reads it: drawn for the terminal, or for 100 columns where there is none.
    func print(_ settings: Settings) throws(OutputError) {
        let terminal = Terminal.standardOutput
        let width = terminal.isInteractive ? min(max(terminal.columnCount, 40), 120) : 100
        try terminal.writeDrawn(
            TextReport(width: width, isColored: terminal.usesColour(settings)).render(self))
    }
}
