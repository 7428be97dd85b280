import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `--kv-placement` takes: memory, disk, or disk:DIR.
struct PlacementArgument: Sendable {
    /// As it was given.
    let text: String
    let isDisk: Bool
    /// An absolute path; nil leaves the choice to the settings.
    let directory: String?

    init(_ text: String) throws {
        self.text = text
        isDisk = text != "memory"
        guard text.hasPrefix("disk:") else {
            guard ["memory", "disk"].contains(text) else { throw ValidationError(Self.grammar) }
            directory = nil
            return
        }
        let path = text.dropFirst("disk:".count)
        guard !path.isEmpty else { throw ValidationError(Self.grammar) }
        // Shells expand ~ at the beginning of a word only.
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        let isInHome = path == "~" || path.hasPrefix("~/")
        directory = URL(fileURLWithPath: isInHome ? home + path.dropFirst() : String(path)).path
    }

    private static let grammar = "choose memory, disk, or disk:DIR with a directory for the pages"
}
