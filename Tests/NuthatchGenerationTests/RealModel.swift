import Foundation
import NuthatchGeneration
import NuthatchHub
import Testing

/// The default model on this disk. Tests that need it are skipped where it is not, unless
/// NUTHATCH_REQUIRE_MODEL is set: then they run, and fail.
enum RealModel {
    static let name = "smollm2"

    /// The other model with an alias, by its name there.
    static let gemma = "gemma3"

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    static var isExpected: Bool { isExpected(name) }

    static func isExpected(_ name: String) -> Bool {
        if environment["NUTHATCH_REQUIRE_MODEL"] != nil { return true }
        guard let library = try? library() else { return false }
        return library.store.list().contains { $0.reference == name && $0.state != .damaged }
    }

    static func library() throws -> ModelLibrary {
        try ModelLibrary(environment: environment)
    }

    static func path(_ name: String = name) async throws -> String {
        try await library().store.locate(ModelReference(name)).path
    }

    /// Loads it; never fetches.
    static func load(
        _ name: String = name, options: LoadOptions = .default
    ) async throws -> LanguageModel {
        try await LanguageModel.load(at: try await path(name), options: options)
    }
}
