import ArgumentParser
import NuthatchTensors

/// The `nuthatch` command.
struct NuthatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nuthatch",
        abstract: "Run language models with a KV cache you can trust, see and afford.",
        discussion: """
            With --json, standard output holds one JSON object: the result, or {"error": ...} with code, message, \
            remedy and exit_status. Exit statuses:

            \(ExitStatus.table)
            """,
        version: NuthatchVersion.current,
        subcommands: [
            Run.self, Chat.self, Pull.self, List.self, Info.self, Plan.self, Tokenize.self, Bench.self,
            PerplexityCommand.self, Logits.self, Quantize.self, Explain.self,
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
        Terminal.occupyClosedStreams()
        Signals.ignoreBrokenPipes()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let asJSON = arguments.prefix { $0 != "--" }.contains("--json")
        do {
            try ArgumentBytes.checkPresence(count: Int(CommandLine.argc))
            try ArgumentBytes.check(ArgumentBytes.ofProcess)
            try ArgumentBytes.checkEnvironment(ArgumentBytes.variable)
            let command = try parse(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
        } catch {
            ErrorOutput.exit(with: error, asJSON: asJSON)
        }
    }

    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        let subcommands = NuthatchCommand.configuration.subcommands
        let names = subcommands.map { $0._commandName }
        if let sentence = ArgumentReading.unknownCommand(arguments, among: names) {
            throw NuthatchError(code: .usage, message: sentence)
        }
        // Only what is wrong asks what the command knows.
        func options() -> CommandOptions {
            guard let command = subcommands.first(where: { $0._commandName == arguments.first }) else {
                return CommandOptions()
            }
            return CommandOptions(help: NuthatchCommand.helpMessage(for: command))
        }
        var arguments = arguments
        while true {
            do {
                let command = try NuthatchCommand.parseAsRoot(arguments)
                // Help is a command too, and no subcommand.
                let isHelp = !subcommands.contains { $0 == type(of: command) }
                if isHelp,
                    let sentence = ArgumentReading.dashedSentence(
                        arguments, message: nil, options: options())
                {
                    throw NuthatchError(code: .usage, message: sentence)
                }
                return command
            } catch let error as NuthatchError {
                throw error
            } catch {
                let message = NuthatchCommand.message(for: error)
                if let joined = ArgumentReading.joiningNegativeNumber(arguments, message: message) {
                    arguments = joined
                } else if let sentence = ArgumentReading.dashedSentence(
                    arguments, message: message, options: options())
                    ?? ArgumentReading.numberSentence(message: message)
                    ?? ArgumentReading.unknownOption(
                        message: message, command: names.first { $0 == arguments.first }, options: options())
                {
                    throw NuthatchError(code: .usage, message: sentence)
                } else {
                    throw error
                }
            }
        }
    }
}
