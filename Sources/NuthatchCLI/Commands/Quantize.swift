import ArgumentParser
import Dispatch
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchHub
import NuthatchTensors

/// `nuthatch quantize`: a model as a GGUF file in fewer bits, for Nuthatch and llama.cpp.
struct Quantize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a model as a GGUF file, quantised.",
        discussion: """
            MODEL is a Hugging Face directory or a GGUF file in F32, F16 or BF16. Norms and biases stay F32; the \
            output matrix takes 6 bits where the type has 4; q4_k is llama.cpp's Q4_K_M.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)", completion: .file())
    var model: String

    @Argument(help: "The file to write.")
    var output: String

    @Option(name: [.long, .short], help: "f32, f16, bf16, q8_0, q6_k, q4_k, q4_1 or q4_0.")
    var type: QuantizationType

    @Flag(help: "Store every matrix in that one format, the output matrix too.")
    var pure = false

    @Flag(help: "Replace OUTPUT where it exists.")
    var force = false

    @Flag(help: "Quantise again what is in 8 bits or fewer already.")
    var allowRequantize = false

    @Option(help: "Worker threads, at most one per core this process may use. Default: so many.")
    var threads: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        _ = try FileArgument.written(output, by: "The argument OUTPUT")
        var options = Quantizer.Options(type: type)
        options.isPure = pure
        options.replaces = force
        options.requantizes = allowRequantize
        options.threadCount = try LoadOptions(threadCount: threads).threadCount
        let cancelling = Signals.endingWithJSON(json)
        defer { cancelling?.cancel() }
        let path = try await ModelFiles(Settings(), quiet: json).locate(model).path
        cancelling?.cancel()
        // Before the writing: a directory may hold another model afterwards.
        let model = ModelResult(try Checkpoint.open(path))
        let result = QuantizeResult(model: model, report: try await write(path, options))
        try Terminal.standardOutput.write(json ? try JSONOutput.line(result) : result.report.table)
    }

    /// On a thread of its own: it keeps a core busy for as long as it takes.
    private func write(_ path: String, _ options: Quantizer.Options) async throws -> QuantizationReport {
        let output = output
        let display = QuantizeDisplay(isQuiet: json)
        let interruption = Interruption()
        let sources = Signals.onEnding { interruption.note() }
        defer { for source in sources { source.cancel() } }
        return try await SystemThread.value("nuthatch-encode") {
            defer { display.finish() }
            return try Quantizer(options).write(path, to: output) { progress in
                if interruption.wasNoted { throw CancellationError() }
                display.show(progress)
            }
        }
    }
}

/// What `quantize --json` prints: the report, and what it is of.
private struct QuantizeResult: Encodable {
    let model: ModelResult
    let report: QuantizationReport

    private enum CodingKeys: CodingKey {
        case model
    }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
    }
}

extension QuantizationType: ExpressibleByArgument {}

/// A line on standard error that says how far the writing has come.
private struct QuantizeDisplay: Sendable {
    private let terminal = Terminal.standardError
    private let isShown: Bool

    init(isQuiet: Bool) { isShown = !isQuiet && terminal.isInteractive }

    func show(_ progress: Quantizer.Progress) {
        guard isShown else { return }
        let share = 100 * progress.writtenByteCount / max(progress.byteCount, 1)
        terminal.say("\r\u{1B}[K\(share) %  \(TerminalText.visible(progress.tensor))")
    }

    func finish() {
        if isShown { terminal.say("\r\u{1B}[K") }
    }
}

extension QuantizationReport {
    var table: String {
        var lines = [
            ("file", path),
            (
                "size",
                "\(Quantities.bytes(bytes)), \(Quantities.decimal(bitsPerParameter, digits: 2)) bits per parameter "
                    + "(\(Quantities.count(parameters)); \(Quantities.bytes(sourceBytes)) before)"
            ),
        ]
        for share in formats {
            lines.append(
                (
                    "  \(share.format)",
                    "\(Counted.text(share.tensors, "tensor")), \(Quantities.bytes(share.bytes))"
                ))
        }
        for fallback in fallbacks {
            lines.append(
                (
                    "fallback",
                    "\(Counted.text(fallback.tensors, "tensor")) \(Counted.are(fallback.tensors)) \(fallback.used), "
                        + "since rows of \(fallback.rowLength) are no "
                        + "whole number of \(fallback.wanted) blocks"
                ))
        }
        for note in notes { lines.append(("note", note)) }
        return lines.map { name, value in
            name.padded(to: 14) + value + "\n"
        }.joined()
    }
}
