#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A page of the Hub's answer to `/api/models/OWNER/NAME/tree/REVISION`.
///
/// Large files carry the SHA-256 of their content, small ones the name git gives them, so every file can be
/// checked byte for byte although no catalogue knows it.
enum HubListing {
    /// A thousand entries, the Hub's page, take about 300 kB.
    static let pageByteLimit = 8 << 20
    static let pageLimit = 16
    /// Far beyond any model there is (2^45 bytes), and far from overflowing a sum of all files.
    static let fileByteLimit = 1 << 45

    private struct Entry: Decodable {
        struct Large: Decodable {
            let oid: String
            let size: Int
        }
        let type: String
        let path: String
        let oid: String?
        let size: Int?
        let lfs: Large?
    }

    static func files(in page: Data, from source: String) throws(HubError) -> [HubFile] {
        let entries: [Entry]
        do {
            entries = try JSONDecoder().decode([Entry].self, from: page)
        } catch {
            throw .refusedInput(source: source, reason: "its listing is not the JSON it should be")
        }
        var files: [HubFile] = []
        for entry in entries where entry.type == "file" {
            if let objection = HubPath.objection(to: entry.path) {
                throw .refusedInput(source: source, reason: "a file it lists \(objection)")
            }
            let digest = (entry.lfs.map { "sha256:\($0.oid)" } ?? entry.oid.map { "git:\($0)" })
                .flatMap { ContentDigest($0) }
            guard let digest, let byteCount = entry.lfs?.size ?? entry.size,
                (0...fileByteLimit).contains(byteCount)
            else {
                throw .refusedInput(
                    source: source, reason: "\(entry.path) is listed without a usable size and digest")
            }
            files.append(HubFile(path: entry.path, byteCount: byteCount, digest: digest))
        }
        return files
    }
}

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
