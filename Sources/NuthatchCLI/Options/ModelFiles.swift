import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchHub
import NuthatchTensors
import NuthatchTokenizers

/// A model that a command works with, and how long it took to load.
struct LoadedModel {
    let model: LanguageModel
    /// The model's file or directory.
    let path: String
    let loadSeconds: Double
}

/// Finds, fetches and opens the models that commands name.
struct ModelFiles {
    let library: ModelLibrary
    let quiet: Bool

    /// - Parameter quiet: says nothing of a fetch but failures.
    init(_ settings: Settings, quiet: Bool) throws {
        library = try ModelLibrary(environment: settings.environment)
        self.quiet = quiet
    }

    /// Where the model's files are; fetched, with a progress line on standard error, where they are missing.
    func locate(_ name: String) async throws -> ModelLocation {
        let display = PullDisplay(name, isQuiet: quiet)
        return try await library.locate(name) { display.show($0) }
    }

    /// - Parameter cache: what sequences will be kept in; what the model can't have of it is refused first.
    func load(_ name: String, options: LoadOptions, cache: CacheOptions) async throws -> LoadedModel {
        let path = try await locate(name).path
        let beginning = ContinuousClock.now
        let model = try await LanguageModel.load(at: path, options: options, for: cache)
        if !quiet {
            for remark in model.remarks {
                Terminal.standardError.say("nuthatch: \(TerminalText.visible(remark))\n")
            }
        }
        return LoadedModel(
            model: model, path: path, loadSeconds: (ContinuousClock.now - beginning) / .seconds(1))
    }

    /// The files that a model is read from, fetched where they are missing.
    func inputs(_ name: String) async throws -> [String] {
        try Checkpoint.open(try await locate(name).path).inputPaths
    }

    /// Opens the files to look at them; a look fetches nothing.
    func checkpoint(_ name: String) async throws -> Checkpoint {
        try Checkpoint.open(try await library.find(name).path)
    }
}
