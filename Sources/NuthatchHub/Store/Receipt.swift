internal import NuthatchTensors

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What was verified of a model's files.
///
/// A file whose size and modification time are those of its receipt is not hashed again; any other is, before
/// it counts as present.
struct Receipt: Codable, Equatable {
    struct Entry: Codable, Equatable {
        /// Relative to the model's directory.
        let path: String
        let byteCount: Int
        let digest: String
        /// Nanoseconds since 1970.
        let modifiedAt: Int
    }

    static let currentVersion = 1
    /// A repository of a thousand shards needs about 200 kB.
    static let byteLimit = 4 << 20

    let version: Int
    let source: String
    let entries: [Entry]

    init(source: String, entries: [Entry]) {
        self.version = Self.currentVersion
        self.source = source
        self.entries = entries
    }

    /// The receipt at `path`, or nil where there is none that can be used: its absence costs a hash, no more.
    static func read(at path: String) -> Receipt? {
        guard let status = FileStatus(path: path), status.byteCount <= byteLimit,
            let data = FileManager.default.contents(atPath: path),
            let receipt = try? JSONDecoder().decode(Receipt.self, from: data),
            receipt.version == currentVersion,
            receipt.entries.allSatisfy({
                HubPath.objection(to: $0.path) == nil && ContentDigest($0.digest) != nil && $0.byteCount >= 0
            })
        else { return nil }
        return receipt
    }

    func write(to path: String) throws(HubError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do {
            bytes = Array(try encoder.encode(self))
        } catch {
            throw .systemFailure(operation: "write", path: path, reason: error.plainReason)
        }
        do { try FileReplacement.write(bytes, to: path) } catch { throw HubError(error) }
    }
}

extension Receipt {
    var files: [HubFile] {
        entries.compactMap { entry in
            ContentDigest(entry.digest).map {
                HubFile(path: entry.path, byteCount: entry.byteCount, digest: $0)
            }
        }
    }

    /// Whether every file is as it was when it was verified.
    func vouches(for directory: ModelDirectory) -> Bool {
        entries.allSatisfy { entry in
            guard let status = FileStatus(path: directory.file(entry.path)) else { return false }
            return status.byteCount == entry.byteCount && status.modifiedAt == entry.modifiedAt
        }
    }
}
