import NuthatchTensors

/// A regular file mapped read-only into memory, shared by everything that was read from it.
///
/// Models are put in place by rename and never rewritten, so the length checked at the start stays true.
package final class MappedFile: Sendable {
    package let path: String
    private let mapping: FileMapping

    /// Maps the whole of the file at `path`.
    ///
    /// - Throws: `CheckpointError.notFound`, `.unreadable`, `.unmapped`.
    package init(path: String) throws(CheckpointError) {
        do {
            mapping = try FileMapping(path: path)
        } catch {
            switch error.kind {
            case .absent: throw .notFound(path: path)
            case .noMemory: throw .unmapped(path: path, reason: error.reason)
            default: throw .unreadable(path: path, reason: error.reason)
            }
        }
        self.path = path
    }

    package var byteCount: Int { mapping.bytes.count }

    /// The file's bytes, borrowed: valid while this object lives.
    package var bytes: UnsafeRawBufferPointer { mapping.bytes }

    /// Gives the memory behind `range` back to the system; touching it again reads the file again.
    ///
    /// Pages shared with bytes outside the range stay, so that releasing one tensor never slows its neighbour.
    package func release(_ range: Range<Int>) { mapping.release(range) }

    /// What lies at `path`, links followed; nil where nothing does or it cannot be seen.
    static func kind(at path: String) -> FileStatus.Kind? { FileStatus(path: path)?.kind }

    /// The plain names in a directory, sorted; empty where it cannot be listed.
    static func names(in directory: String) -> [String] { FileName.names(in: directory) }
}
