import NuthatchGeneration
import NuthatchTestSupport

extension EncoderDecoderAnswers {
    func load() async throws -> LanguageModel {
        let directory = try write()
        return try await LanguageModel.load(
            at: directory.path, options: try LoadOptions(threadCount: 2, weights: .f32))
    }
}
