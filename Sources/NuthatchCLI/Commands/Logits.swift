import ArgumentParser
import Dispatch
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchHub
import NuthatchTensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `nuthatch logits`: the raw output of the model, for comparing engines.
struct Logits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the logits of every position of a token sequence.",
        discussion: """
            TOKENS is a file holding a JSON array of token ids. The output holds [token, vocabulary] 32-bit \
            floats, little endian, row after row.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)")
    var model: String

    @Argument(help: "A file with a JSON array of token ids.")
    var tokens: String

    @Option(name: [.long, .short], help: "Where to write the floats.")
    var output: String

    @Flag(help: "Replace the output where it exists.")
    var force = false

    @OptionGroup(title: "Model options") var loading: LoadOptionGroup
    @OptionGroup(title: "Model options") var context: ContextOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup

    func run() async throws {
        let cache = try cache.options()
        let output = try FileArgument.named(output, by: "--output")
        let ids = try readTokens()
        let files = try ModelFiles(Settings(), quiet: false)
        let path = try await files.locate(model).path
        let inputs = [tokens] + (try Checkpoint.open(path).inputPaths)
        try StagedFile.check(output, replaces: force, inputs: inputs)
        let loaded = try await files.load(
            path, options: try loading.options(contextLength: context.length), cache: cache)
        if let most = try loaded.model.contextLength(keeping: cache), ids.count > most {
            throw NuthatchError(
                code: .contextFull,
                message:
                    "\(tokens) has \(Counted.text(ids.count, "token")); a sequence of \(loaded.model.name) may have \(most) here.",
                remedy: "Give fewer tokens, or raise --context where the model was made for more.")
        }
        let rowByteCount = loaded.model.vocabularySize * MemoryLayout<Float>.size
        let file = try StagedFile(
            target: output, byteCount: ids.count * rowByteCount, replaces: force, inputs: inputs)
        let interruption = Interruption()
        let sources = Signals.onEnding { interruption.note() }
        defer { for source in sources { source.cancel() } }
        try await loaded.model.logits(of: ids, cache: cache) { position, row in
            if interruption.wasNoted { throw CancellationError() }
            try file.write(UnsafeRawBufferPointer(row), at: position * rowByteCount)
        }
        try file.commit()
    }

    private func readTokens() throws(NuthatchError) -> [TokenID] {
        let text = try PromptInput.read(file: tokens, by: "The argument TOKENS")
        guard let ids = try? JSONDecoder().decode([TokenID].self, from: Data(text.utf8)) else {
            throw NuthatchError(
                code: .badData, message: "\(tokens) is no JSON array of token ids.",
                remedy: "Write it as [1, 2, 3].")
        }
        return ids
    }
}
