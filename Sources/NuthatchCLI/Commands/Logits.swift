import ArgumentParser
import Dispatch
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchHub
import NuthatchTensors

/// `nuthatch logits`: the raw output of the model, for comparing engines.
struct Logits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the logits of every position of a token sequence.",
        discussion: """
            TOKENS is a file holding a JSON array of token ids, at least one; '-' reads standard input. The output holds [token, vocabulary] 32-bit \
            floats, little endian, row after row.
            """)

    @Argument(help: "\(ModelOptionGroup.modelHelp)", completion: .file())
    var model: String

    @Argument(help: "A file with a JSON array of token ids; '-' reads standard input.", completion: .file())
    var tokens: String

    @Option(name: [.long, .short], help: "Where to write the floats.", completion: .file())
    var output: String

    @Flag(help: "Replace the output where it exists.")
    var force = false

    @OptionGroup(title: "Model options") var loading: LoadOptionGroup
    @OptionGroup(title: "Model options") var context: ContextOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup

    func run() async throws {
        let cache = try cache.options()
        let output = try FileArgument.written(output, by: "--output")
        let ids = try readTokens()
        let files = try ModelFiles(Settings(), quiet: false)
        let path = try await files.locate(model).path
        let inputs = [tokens] + (try Checkpoint.open(path).inputPaths)
        try StagedFile.check(output, replaces: force, inputs: inputs)
        let loaded = try await files.load(
            path, options: try loading.options(contextLength: context.length), cache: cache)
        _ = try loaded.model.requireDecoder(for: "Writing logits")
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
            guard !row.contains(where: \.isNaN) else {
                throw NuthatchError(
                    code: .badData,
                    message: "The model's numbers behind position \(position) are not all numbers.",
                    remedy: "Check that its file is whole, or hold keys and values in f32.")
            }
            try file.write(UnsafeRawBufferPointer(row), at: position * rowByteCount)
        }
        try file.commit()
    }

    private func readTokens() throws(NuthatchError) -> [TokenID] {
        let text = try PromptInput.read(file: tokens, by: "The argument TOKENS")
        let name = tokens == "-" ? "The text on standard input" : tokens
        let values = (try? JSONParser.parse(text, file: name))?.array
        let ids = (values ?? []).compactMap { $0.integer.flatMap(TokenID.init(exactly:)) }
        guard let values, !values.isEmpty, ids.count == values.count else {
            throw NuthatchError(
                code: .badData, message: "\(name) is no JSON array of one or more token ids.",
                remedy: "Write it as [1, 2, 3].")
        }
        return ids
    }
}
