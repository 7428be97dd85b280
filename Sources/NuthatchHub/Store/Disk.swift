internal import NuthatchTensors

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

// For the numbers that Foundation's errors carry.
#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What the store asks of the file system beyond open files.
enum Disk {
    static func makeDirectory(_ path: String) throws(HubError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .systemFailure(operation: "make the directory", path: path, reason: error.plainReason)
        }
    }

    static func removeIfPresent(_ path: String) throws(HubError) {
        guard FileStatus(path: path) != nil else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw .systemFailure(operation: "remove", path: path, reason: error.plainReason)
        }
    }

    /// The names in a directory, sorted; none where there is no such directory.
    static func names(in path: String) -> [String] { FileName.names(in: path) }

    /// Moves a file over another in one step, and makes the step durable.
    static func rename(_ source: String, to target: String) throws(HubError) {
        do { try FileName.replace(target, with: source) } catch { throw HubError(error) }
    }

    /// The bytes of all files below `path`.
    static func byteCount(below path: String) -> Int {
        guard let status = FileStatus(path: path) else { return 0 }
        guard status.isDirectory else { return status.byteCount }
        return names(in: path).reduce(0) { $0 + byteCount(below: "\(path)/\($1)") }
    }
}

extension Error {
    /// The system's own sentence where it comes from there, without the machinery around it.
    package var plainReason: String {
        guard let beneath = (self as? CocoaError)?.underlying as? POSIXError else { return "\(self)" }
        return FileError.words(for: beneath.code.rawValue)
    }
}
