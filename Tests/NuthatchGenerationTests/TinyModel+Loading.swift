import NuthatchGeneration
import NuthatchTestSupport

extension TinyModel {
    func load() async throws -> LanguageModel {
        try await LanguageModel.load(at: path, options: LoadOptions(threadCount: 1))
    }
}
