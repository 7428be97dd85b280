import ArgumentParser
import NuthatchCheckpoints
import NuthatchGeneration
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

    @OptionGroup(title: "Model options") var loading: LoadOptionGroup
    @OptionGroup(title: "Model options") var context: ContextOptionGroup
    @OptionGroup(title: "Cache options") var cache: CacheOptionGroup

    func run() async throws {
        let cache = try cache.options()
        let ids: [TokenID]
        do {
            ids = try JSONDecoder().decode(
                [TokenID].self, from: Data(contentsOf: URL(fileURLWithPath: tokens)))
        } catch {
            throw NuthatchError(
                code: .badData, message: "\(tokens) can't be read as a JSON array of token ids: \(error).",
                remedy: "Write it as [1, 2, 3].")
        }
        let loaded = try await ModelFiles(Settings(), quiet: false).load(
            model, options: try loading.options(contextLength: context.length), cache: cache)
        let rowByteCount = loaded.model.vocabularySize * MemoryLayout<Float>.size
        let file = try StagedFile(target: output, byteCount: ids.count * rowByteCount, replaces: true)
        try await loaded.model.logits(of: ids, cache: cache) { position, row in
            try file.write(UnsafeRawBufferPointer(row), at: position * rowByteCount)
        }
        try file.commit()
    }
}
