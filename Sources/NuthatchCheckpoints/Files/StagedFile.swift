import NuthatchTensors

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file that is written beside its target under a name of its own and takes the target's place in one step, when
/// all of it is on the disk.
///
/// So the target is always whole: the old one, or the new. One that is let go before leaves nothing behind.
package final class StagedFile: Sendable {
    private let target: String
    /// Where the bytes are until `commit`.
    package let path: String
    package let byteCount: Int
    private let descriptor: CInt

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
        self.target = target
        self.byteCount = byteCount
        path = target + ".partial-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(target, byteCount) }
        // What is thrown from here on ends this object, and with it the file.
        try reserve()
    }

    /// Whether a file may be written at `target`; to ask before long work.
    ///
    /// - Throws: `CheckpointError.alreadyThere`, `.isInput`, `.unwritable`.
    package static func check(
        _ target: String, replaces: Bool, inputs: [String]
    ) throws(CheckpointError) {
        switch MappedFile.kind(at: target) {
        case nil: return
        case .directory: throw .unwritable(path: target, reason: "it is a directory")
        case .other: throw .unwritable(path: target, reason: "it is not a regular file")
        case .file: break
        }
        if let input = inputs.first(where: { SameFile.areOne($0, target) }) {
            throw .isInput(path: target, input: input)
        }
        guard replaces else { throw .alreadyThere(path: target) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        // After a commit, nothing has this name.
        unlink(path)
    }

    /// Several threads may write at once, each its own bytes.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(CheckpointError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                throw Self.failure(target, byteCount)
            }
        }
    }

    /// Puts the file in the target's place, its bytes on the disk before its name.
    package func commit() throws(CheckpointError) {
        guard fsync(descriptor) == 0, rename(path, target) == 0 else {
            throw Self.failure(target, byteCount)
        }
    }

    private func reserve() throws(CheckpointError) {
        if let free = DiskSpace.freeByteCount(besideFile: descriptor), free < byteCount {
            throw .diskFull(path: target, byteCount: byteCount, freeByteCount: free)
        }
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw Self.failure(target, byteCount) }
        #if !canImport(Darwin)
            // Where a file system has no preallocation, glibc writes zeros; where neither works, writes will tell.
            if posix_fallocate(descriptor, 0, off_t(byteCount)) == ENOSPC {
                throw .diskFull(path: target, byteCount: byteCount, freeByteCount: nil)
            }
        #endif
    }

    private static func failure(_ path: String, _ byteCount: Int) -> CheckpointError {
        let code = errno
        if code == ENOSPC || code == EDQUOT {
            return .diskFull(path: path, byteCount: byteCount, freeByteCount: nil)
        }
        return .unwritable(path: path, reason: String(cString: strerror(code)))
    }
}
