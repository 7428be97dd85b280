internal import Crypto
internal import Dispatch
internal import NuthatchTensors

/// What a file's content has to hash to.
package enum ContentDigest: Sendable, Hashable, CustomStringConvertible {
    /// SHA-256 of the content; what catalogues and the Hub's large files state.
    case sha256(String)
    /// SHA-1 of `blob <size>\0` and the content, as git names a file; what the Hub states for its small files.
    case gitBlob(String)

    /// Reads `sha256:<64 hex digits>` or `git:<40 hex digits>`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.allSatisfy(Self.isLowercaseHex) else { return nil }
        switch (parts[0], parts[1].utf8.count) {
        case ("sha256", 64): self = .sha256(String(parts[1]))
        case ("git", 40): self = .gitBlob(String(parts[1]))
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .sha256(let hex): "sha256:\(hex)"
        case .gitBlob(let hex): "git:\(hex)"
        }
    }

    /// A name for files that hold this content in part.
    var hex: String {
        switch self {
        case .sha256(let hex), .gitBlob(let hex): hex
        }
    }

    private static func isLowercaseHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension ContentDigest {
    /// Large enough that system calls vanish beside hashing, small enough to stay in the second-level cache.
    private static let chunkByteCount = 256 * 1024

    /// The digest of the file at `path`, of the same kind as this one, computed on a thread of its own.
    package func measured(at path: String) async throws(HubError) -> ContentDigest {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async {
                continuation.resume(returning: Result { () throws(HubError) in try measure(path) })
            }
        }
        return try result.get()
    }

    private func measure(_ path: String) throws(HubError) -> ContentDigest {
        switch self {
        case .sha256:
            return .sha256(try Self.hash(path, with: SHA256()))
        case .gitBlob:
            var hash = Insecure.SHA1()
            let byteCount = try OpenFile(path, for: .reading).byteCount()
            hash.update(data: Array("blob \(byteCount)\0".utf8))
            return .gitBlob(try Self.hash(path, with: hash))
        }
    }

    private static func hash(_ path: String, with start: some HashFunction) throws(HubError) -> String {
        let file = try OpenFile(path, for: .reading)
        var hash = start
        var offset = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkByteCount, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = try file.read(at: offset, into: buffer)
            if count == 0 { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
        return Hexadecimal.text(hash.finalize())
    }
}
