/// One file of a hub repository: where it lies there, and what its content is.
package struct HubFile: Sendable, Hashable {
    /// Relative to the repository's root.
    package let path: String
    package let byteCount: Int
    package let digest: ContentDigest

    package init(path: String, byteCount: Int, digest: ContentDigest) {
        self.path = path
        self.byteCount = byteCount
        self.digest = digest
    }
}
