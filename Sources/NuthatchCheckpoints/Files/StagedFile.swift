import NuthatchTensors

/// A file of known length that takes its target's place in one step, when all of it is on the disk: a
/// `FileReplacement` whose refusals are those of checkpoints.
///
/// So the target is always whole: the old one, or the new. One that is let go before leaves nothing behind.
package final class StagedFile: Sendable {
    private let replacement: FileReplacement
    package let byteCount: Int

    /// Where the bytes are until `commit`.
    package var path: String { replacement.file.path }

    /// Makes a file of `byteCount` zeros, with room on the disk that later writes can't lack.
    ///
    /// - Parameters:
    ///   - replaces: whether a file at `target` may be replaced.
    ///   - inputs: files that are read for it, by any of their names: none of them is ever replaced.
    /// - Throws: `CheckpointError.alreadyThere`, `.isInput`, `.diskFull`, `.unwritable`.
    package init(
        target: String, byteCount: Int, replaces: Bool, inputs: [String] = []
    ) throws(CheckpointError) {
        try Self.check(target, replaces: replaces, inputs: inputs)
        self.byteCount = byteCount
        do {
            replacement = try FileReplacement(target, access: .everybody, replaces: replaces)
        } catch {
            throw Self.refusal(error, target, byteCount)
        }
        let free = replacement.file.freeByteCount
        if let free, free < byteCount {
            throw .diskFull(path: target, byteCount: byteCount, freeByteCount: free)
        }
        do {
            try replacement.file.extend(from: 0, to: byteCount)
        } catch {
            throw Self.refusal(error, target, byteCount)
        }
    }

    /// Whether a file may be written at `target`; to ask before long work.
    ///
    /// - Throws: `CheckpointError.alreadyThere`, `.isInput`, `.unwritable`.
    package static func check(
        _ target: String, replaces: Bool, inputs: [String]
    ) throws(CheckpointError) {
        guard let status = FileStatus(path: target) else { return }
        switch status.kind {
        case .directory: throw .unwritable(path: target, reason: "it is a directory")
        case .other: throw .unwritable(path: target, reason: "it is not a regular file")
        case .file: break
        }
        // Links, hard ones too, are other names of the same bytes: no comparison of paths can tell.
        if let input = inputs.first(where: { FileIdentity(path: $0) == status.identity }) {
            throw .isInput(path: target, input: input)
        }
        guard replaces else { throw .alreadyThere(path: target) }
    }

    /// Several threads may write at once, each its own bytes.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(CheckpointError) {
        do {
            try replacement.file.write(bytes, at: offset)
        } catch {
            throw Self.refusal(error, replacement.target, byteCount)
        }
    }

    /// Puts the file in the target's place, its bytes on the disk before its name.
    ///
    /// - Throws: `CheckpointError.alreadyThere` where a file came there meanwhile that may not be replaced,
    ///   `.diskFull`, `.unwritable`; the target is then as it was.
    package func commit() throws(CheckpointError) {
        do {
            try replacement.commit()
        } catch {
            throw Self.refusal(error, replacement.target, byteCount)
        }
    }

    private static func refusal(_ error: FileError, _ target: String, _ byteCount: Int) -> CheckpointError {
        switch error.kind {
        case .present:
            .alreadyThere(path: target)
        case .noRoom:
            .diskFull(path: target, byteCount: byteCount, freeByteCount: nil)
        case .absent, .tooLong, .noMemory, .other:
            .unwritable(
                path: target,
                reason: FileStatus(path: target)?.isDirectory == true ? "it is a directory" : error.reason)
        }
    }
}
