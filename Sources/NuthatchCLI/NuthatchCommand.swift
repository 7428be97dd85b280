import ArgumentParser
import NuthatchTensors

/// The `nuthatch` command.
struct NuthatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nuthatch",
        abstract: "Run language models with a KV cache you can trust, see and afford.",
        version: NuthatchVersion.current,
        subcommands: [
            Run.self, Chat.self, Pull.self, List.self, Info.self, Plan.self, Tokenize.self, Bench.self,
            PerplexityCommand.self, Logits.self, Quantize.self,
        ])
}

/// The version that `--version` prints.
enum NuthatchVersion {
    static let current = "0.1.0"
}

/// Where the process starts; the one place that ends it.
@main
enum Entry {
    static func main() async {
        Signals.ignoreBrokenPipes()
        do {
            let command = try NuthatchCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
        } catch {
            ErrorOutput.exit(with: error)
        }
    }
}
