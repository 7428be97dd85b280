import NuthatchGeneration
import NuthatchTensors

/// A model with float weights, beside which the cost of a cache is the cache's alone.
enum ExactModel {
    /// Nil where the model computes in floats itself, or floats have no room beside it: then that is said.
    static func load(beside loaded: LoadedModel, _ files: ModelFiles, quiet: Bool) async throws
        -> LanguageModel?
    {
        let options = try LoadOptions(threadCount: loaded.model.threadCount, weights: .f32)
        guard loaded.model.computesInFloats == false else { return nil }
        do {
            return try await files.load(loaded.path, options: options, cache: .default).model
        } catch let error as NuthatchError where error.code == .outOfMemory {
            if !quiet {
                Terminal.standardError.say(
                    "nuthatch: Float weights have no room beside the model; quality is measured with its own, whose "
                        + "rounding counts too. \(TerminalText.visible(error.message))\n")
            }
            return nil
        }
    }
}
