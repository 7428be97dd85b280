import NuthatchCheckpoints
package import NuthatchTensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Where entries are kept from one chat to the next: a line each, \\ and line breaks written as \\\\ and \\n.
///
/// For its owner alone, since conversations are. Entries are added at its end, so that chats at the same time lose
/// nothing of each other; one that has grown beyond the limit is cut to its newest half when it is read.
package struct HistoryFile: Sendable {
    private let path: String

    /// Bytes of a file that is left as it is: a thousand entries of a kilobyte.
    package static let byteLimit = 1 << 20

    package init(path: String) { self.path = path }

    /// - Returns: an empty history where there is no file.
    /// - Throws: `NuthatchError` where there is one that can't be read or cut.
    package func read() throws(NuthatchError) -> LineHistory {
        guard access(path, F_OK) == 0 else { return LineHistory() }
        let bytes: [UInt8]
        do throws(CheckpointError) {
            // What is beyond can't have been written by this program.
            bytes = try ByteFile.read(path, byteLimit: 64 * Self.byteLimit)
        } catch { throw NuthatchError(error) }
        guard bytes.count > Self.byteLimit else { return Self.history(bytes[...]) }
        var newest = bytes.suffix(Self.byteLimit / 2)
        newest = newest[((newest.firstIndex(of: UInt8(ascii: "\n")) ?? newest.endIndex - 1) + 1)...]
        do {
            try FileReplacement.write(Array(newest), to: path, access: .owner)
        } catch { throw failure(error.reason) }
        return Self.history(newest)
    }

    /// - Throws: `NuthatchError` where it can't be written.
    package func add(_ entry: String) throws(NuthatchError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        // One made otherwise, with whatever permissions.
        fchmod(descriptor, 0o600)
        let line = Array(Self.line(entry).utf8)
        // In one call, so that lines of two chats don't mix.
        guard sendBytes(descriptor, line, line.count) == line.count else { throw failure() }
    }

    private func failure(_ reason: String = String(cString: strerror(errno))) -> NuthatchError {
        NuthatchError(
            code: .unavailable,
            message: "The history of chats can't be kept in \(path): \(reason).",
            remedy: "Check the path and its permissions.")
    }

    // MARK: Lines

    private static func history(_ bytes: ArraySlice<UInt8>) -> LineHistory {
        LineHistory(
            bytes.split(separator: UInt8(ascii: "\n")).map { entry(String(decoding: $0, as: UTF8.self)) })
    }

    static func line(_ entry: String) -> String {
        var line = ""
        for scalar in entry.unicodeScalars {
            switch scalar {
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line + "\n"
    }

    private static func entry(_ line: String) -> String {
        var entry = ""
        var follows = false
        for scalar in line.unicodeScalars {
            if follows {
                entry.unicodeScalars.append(scalar == "n" ? "\n" : scalar)
                follows = false
            } else if scalar == "\\" {
                follows = true
            } else {
                entry.unicodeScalars.append(scalar)
            }
        }
        return entry
    }
}
