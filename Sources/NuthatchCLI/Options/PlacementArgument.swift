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
    private let givenDirectory: String?

    /// An absolute path; nil leaves the choice to the settings.
    ///
    /// - Parameter home: what `~` stands for.
    func directory(home: String) -> String? {
        guard let path = givenDirectory else { return nil }
        // Shells expand ~ at the beginning of a word only.
        let isInHome = path == "~" || path.hasPrefix("~/")
        return URL(fileURLWithPath: isInHome ? home + path.dropFirst() : path).path
    }

    init(_ text: String) throws {
        self.text = text
        isDisk = text != "memory"
        guard text.hasPrefix("disk:") else {
            guard ["memory", "disk"].contains(text) else { throw ValidationError(Self.grammar) }
            givenDirectory = nil
            return
        }
        let path = text.dropFirst("disk:".count)
        guard !path.isEmpty else { throw ValidationError(Self.grammar) }
        givenDirectory = String(path)
    }

    private static let grammar = "choose memory, disk, or disk:DIR with a directory for the pages"
}
