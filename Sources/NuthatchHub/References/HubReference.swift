/// A repository of the Hugging Face Hub, a revision of it, and perhaps one file.
///
/// `hf:owner/name[@revision][:file]`. Every part becomes part of a path in the store, so each is held to the
/// characters the Hub itself allows: nothing here can climb out of the store.
package struct HubReference: Sendable, Hashable, CustomStringConvertible {
    static let scheme = "hf:"
    static let defaultRevision = "main"

    /// `owner/name`.
    package let repository: String
    package let revision: String
    /// A path in the repository, or a part of one (`Q4_1`) that only one model file holds.
    package let file: String?

    package init(repository: String, revision: String = "main", file: String? = nil) throws(HubError) {
        let text = Self.describe(repository, revision, file)
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(Self.isName) else {
            throw .malformedReference(
                text: text, reason: "the repository has to be owner/name of letters, digits, '.', '_' and '-'"
            )
        }
        guard revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(Self.isName) else {
            throw .malformedReference(
                text: text, reason: "the revision has to be of letters, digits, '.', '_', '-' and '/'")
        }
        if let file, let reason = HubPath.objection(to: file) {
            throw .malformedReference(text: text, reason: "the file \(reason)")
        }
        self.repository = repository
        self.revision = revision
        self.file = file
    }

    package init(parsing text: String) throws(HubError) {
        guard text.hasPrefix(Self.scheme) else {
            throw .malformedReference(text: text, reason: "it does not start with hf:")
        }
        let rest = text.dropFirst(Self.scheme.count)
        let (place, file) = Self.split(rest, at: ":")
        let (repository, revision) = Self.split(place, at: "@")
        try self.init(
            repository: String(repository), revision: revision.map(String.init) ?? Self.defaultRevision,
            file: file.map(String.init))
    }

    package var description: String { Self.describe(repository, revision, file) }

    private static func describe(_ repository: String, _ revision: String, _ file: String?) -> String {
        let place = revision == defaultRevision ? repository : "\(repository)@\(revision)"
        return scheme + place + (file.map { ":\($0)" } ?? "")
    }

    private static func split(_ text: Substring, at separator: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    /// The Hub's own limit for a repository's name is 96 characters.
    private static func isName(_ part: Substring) -> Bool {
        (1...96).contains(part.utf8.count) && !part.hasPrefix(".") && !part.hasPrefix("-")
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
