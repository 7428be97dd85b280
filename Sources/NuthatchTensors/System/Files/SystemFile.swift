#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// An open file, closed when it goes out of scope: the system's calls with their loops and their refusals.
///
/// Descriptors are closed on exec, so that no child process goes on holding a file or its lock. Reading and writing
/// at a position leave nothing behind in the file, so threads share one without a lock.
package struct SystemFile: ~Copyable, Sendable {
    package enum Purpose: Equatable {
        /// Bytes at positions. Where the path names a pipe, opening does not wait for a writer.
        case reading
        /// Bytes from first to last, from pipes too.
        case streaming
        /// A new, empty file; a file that is there already is never touched.
        case creating(Access)
        /// Made where missing; written at the end only.
        case appending
        /// Made where missing; holds a lock and no content.
        case locking
        /// A directory, for its names to be made to last.
        case directory
    }

    /// Who may read a new file, but for what the process's mask takes away.
    package enum Access: UInt16 {
        /// The owner alone: what is as private as a conversation.
        case owner = 0o600
        /// Everybody.
        case everybody = 0o644
    }

    package let path: String
    package let descriptor: CInt
    private let isBorrowed: Bool

    /// - Throws: `FileError`, its operation `open` or `create`.
    package init(_ path: String, for purpose: Purpose) throws(FileError) {
        var access = Access.everybody
        var operation = FileError.Operation.open
        let flags: CInt
        switch purpose {
        case .reading: flags = O_RDONLY | O_NONBLOCK
        case .streaming: flags = O_RDONLY
        case .creating(let chosen):
            (access, operation) = (chosen, .create)
            flags = O_RDWR | O_CREAT | O_EXCL
        case .appending: flags = O_WRONLY | O_CREAT | O_APPEND
        case .locking: flags = O_RDWR | O_CREAT
        case .directory: flags = O_RDONLY | O_DIRECTORY
        }
        var opened: CInt
        repeat {
            opened = open(path, flags | O_CLOEXEC, mode_t(access.rawValue))
        } while opened < 0 && errno == EINTR
        guard opened >= 0 else { throw FileError(operation, path) }
        self.path = path
        descriptor = opened
        isBorrowed = false
    }

    /// A file that somebody else opened and closes, such as a standard stream.
    ///
    /// - Parameter path: what refusals call it by.
    package init(borrowing descriptor: CInt, path: String) {
        self.path = path
        self.descriptor = descriptor
        isBorrowed = true
    }

    deinit {
        if !isBorrowed { close(descriptor) }
    }

    /// - Throws: `FileError` where the system will not say.
    package func status() throws(FileError) -> FileStatus {
        try FileStatus(descriptor: descriptor, path: path)
    }

    /// Bytes of a regular file.
    ///
    /// - Throws: `FileError` where the system will not say, and (`irregular`) for what is no regular file.
    package func byteCount() throws(FileError) -> Int {
        let status = try status()
        guard status.kind == .file else { throw FileError(.read, path, .irregular) }
        return status.byteCount
    }

    // MARK: At positions

    /// Fills the buffer from `offset` on; returns fewer bytes only where the file ends.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw FileError(.read, path)
            }
        }
        return done
    }

    package func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        try writeAll(buffer) { rest, done in
            pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
        }
    }

    package func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        try bytes.withUnsafeBufferPointer { bytes throws(FileError) in
            try write(UnsafeRawBufferPointer(bytes), at: offset)
        }
    }

    // MARK: From first to last

    /// Reads at least one byte behind what was read before; returns 0 where there is no more.
    package func readNext(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        while true {
            let count = readSome(descriptor, buffer)
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileError(.read, path) }
        }
    }

    /// What is left to read, but no more than one byte beyond `byteLimit`, by which a file that is too long is told.
    package func readRest(byteLimit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= byteLimit {
            let wanted = min(chunk.count, byteLimit + 1 - bytes.count)
            let count = try chunk.withUnsafeMutableBufferPointer { chunk throws(FileError) in
                try readNext(
                    into: UnsafeMutableRawBufferPointer(
                        UnsafeMutableBufferPointer(rebasing: chunk[..<wanted])))
            }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    package func append(_ buffer: UnsafeRawBufferPointer) throws(FileError) {
        try writeAll(buffer) { rest, _ in writeSome(descriptor, rest) }
    }

    package func append(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBufferPointer { bytes throws(FileError) in
            try append(UnsafeRawBufferPointer(bytes))
        }
    }

    private func writeAll(
        _ buffer: UnsafeRawBufferPointer, by step: (UnsafeRawBufferPointer, _ done: Int) -> Int
    ) throws(FileError) {
        var done = 0
        while done < buffer.count {
            let count = step(UnsafeRawBufferPointer(rebasing: buffer[done...]), done)
            if count > 0 {
                done += count
            } else if count == 0 {
                // No file does that; going on would never end.
                throw FileError(.write, path, .system(EIO))
            } else if errno != EINTR {
                throw FileError(.write, path)
            }
        }
    }

    // MARK: Lasting, locks

    /// Returns once the bytes are on the disk: a rename must not become visible before what it names.
    package func synchronize() throws(FileError) {
        #if canImport(Darwin)
            // fsync there leaves the bytes to the drive's own memory; not every file system knows better.
            if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        guard fsync(descriptor) == 0 else { throw FileError(.synchronise, path) }
    }

    /// Takes an exclusive advisory lock; false where another open file holds it, in this process or another.
    package func tryLock() throws(FileError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK || errno == EINTR else { throw FileError(.lock, path) }
        return false
    }

    /// Tells the system that these bytes are wanted soon. Advice: where it is not taken, nothing changes.
    package func expectReading(_ range: Range<Int>) {
        #if canImport(Darwin)
            var advice = radvisory(ra_offset: off_t(range.lowerBound), ra_count: CInt(clamping: range.count))
            _ = fcntl(descriptor, F_RDADVISE, &advice)
        #else
            _ = posix_fadvise(
                descriptor, off_t(range.lowerBound), off_t(range.count), CInt(POSIX_FADV_WILLNEED))
        #endif
    }
}

// The system's functions, where members of the same name hide them.

private func readSome(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}

private func writeSome(_ descriptor: CInt, _ buffer: UnsafeRawBufferPointer) -> Int {
    write(descriptor, buffer.baseAddress, buffer.count)
}
