import ArgumentParser

/// The `nuthatch` command.
@main
struct Nuthatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nuthatch", abstract: "Run language models with a KV cache you can trust, see and afford.")
}
