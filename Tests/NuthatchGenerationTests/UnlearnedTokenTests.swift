import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import NuthatchTokenizers
import Testing

/// A model whose tokenizer_config.json adds tokens that its embedding has no rows for.
@Suite struct UnlearnedTokenTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TinyLlama(vocabularySize: TinyTokenizer.vocabularySize).write()
        try TinyTokenizer.write(to: directory)
        let configuration = #"{"eos_token": "</s>", "extra_special_tokens": ["<tool>"]}"#
        try directory.write(Array(configuration.utf8), as: "tokenizer_config.json")
    }

    @Test func `it loads and answers what it has learned`() async throws {
        let model = try LanguageModel(at: directory.path, options: try LoadOptions(threadCount: 1))
        #expect(model.tokenizer.endOfSequence == 257)
        let options = try GenerationOptions(sampling: .greedy, maximumNewTokens: 2)
        let report = try await Session(model).complete("Hi", options: options).report
        #expect(report.generatedTokenCount == 2)
    }

    @Test func `a prompt with such a token is refused by its name`() async throws {
        let model = try LanguageModel(at: directory.path, options: try LoadOptions(threadCount: 1))
        let options = try GenerationOptions(sampling: .greedy, maximumNewTokens: 2)
        let error = await #expect(throws: NuthatchError.self) {
            try await Session(model).complete("Hi <tool>", options: options).text
        }
        #expect(error?.code == .badData)
        #expect(
            error?.message == """
                The text has the token "<tool>", id 258, which the model never learned: its embedding has the ids \
                0 to 256.
                """)
    }
}
