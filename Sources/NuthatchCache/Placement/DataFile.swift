import NuthatchTensors

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An open file, closed when it goes out of scope: the system's calls with their loops and their refusals.
///
/// Descriptors are closed on exec, files made here are for their owner alone (what a conversation left in a
/// cache is as private as the conversation), and reading and writing name their position, so that threads
/// share a file without a lock.
struct DataFile: ~Copyable, Sendable {
    let path: String
    let descriptor: CInt

    /// A new, empty file; a file that is there already is never touched.
    init(creating path: String) throws(CacheError) {
        descriptor = try Self.open(path, flags: O_RDWR | O_CREAT | O_EXCL, operation: "create")
        self.path = path
    }

    /// A file that exists. Where the path names a pipe, opening it does not wait for a writer.
    init(reading path: String) throws(CacheError) {
        descriptor = try Self.open(path, flags: O_RDONLY | O_NONBLOCK, operation: "open")
        self.path = path
    }

    /// A directory, for its names to be made to last.
    private init(directory path: String) throws(CacheError) {
        descriptor = try Self.open(path, flags: O_RDONLY | O_DIRECTORY, operation: "open")
        self.path = path
    }

    private static func open(_ path: String, flags: CInt, operation: String) throws(CacheError) -> CInt {
        #if canImport(Darwin)
            let descriptor = Darwin.open(path, flags | O_CLOEXEC, 0o600)
        #elseif canImport(Glibc)
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        #else
            let descriptor = Musl.open(path, flags | O_CLOEXEC, 0o600)
        #endif
        guard descriptor >= 0 else { throw failure(operation, path) }
        return descriptor
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// - Throws: `CacheError.ioFailed` where the system will not say, and for what is no regular file.
    func byteCount() throws(CacheError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure("measure", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .ioFailed(operation: "read", path: path, reason: "It is not a regular file")
        }
        return Int(status.st_size)
    }

    // MARK: Reading and writing

    /// Fills the buffer from `offset` on; returns fewer bytes only where the file ends.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CacheError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw Self.failure("read", path)
            }
        }
        return done
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(CacheError) {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                throw Self.refusal(count == 0 ? EIO : errno, "write", path, byteCount: rest.count)
            }
        }
    }

    /// The file's bytes from `offset` on.
    ///
    /// - Throws: `CacheError.ioFailed` where there are fewer.
    func readBytes(_ count: Int, at offset: Int) throws(CacheError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try bytes.withUnsafeMutableBufferPointer { buffer throws(CacheError) in
            try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard found == count else {
            throw .ioFailed(operation: "read", path: path, reason: "It became shorter meanwhile")
        }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(CacheError) {
        try bytes.withUnsafeBufferPointer { buffer throws(CacheError) in
            try write(UnsafeRawBufferPointer(buffer), at: offset)
        }
    }

    /// Tells the system that these bytes are wanted soon. Advice: where it is not taken, nothing changes.
    func expectReading(_ range: Range<Int>) {
        #if canImport(Darwin)
            var advice = radvisory(ra_offset: off_t(range.lowerBound), ra_count: CInt(clamping: range.count))
            _ = fcntl(descriptor, F_RDADVISE, &advice)
        #else
            _ = posix_fadvise(
                descriptor, off_t(range.lowerBound), off_t(range.count), CInt(POSIX_FADV_WILLNEED))
        #endif
    }

    // MARK: Growing and lasting

    /// Makes the file longer, from `end` to `newEnd` bytes, with room on the disk that later writes can't
    /// lack. Where that can't be had, the file is as long as before.
    func grow(from end: Int, to newEnd: Int) throws(CacheError) {
        let byteCount = newEnd - end
        if newEnd > Self.fileSizeLimit {
            throw .diskFull(
                path: path, byteCount: byteCount,
                reason: "this process may make files of \(ByteQuantity.text(Self.fileSizeLimit)) at most")
        }
        let code = allocate(from: end, to: newEnd)
        guard code != 0 else { return }
        _ = ftruncate(descriptor, off_t(end))
        throw Self.refusal(code, "extend", path, byteCount: byteCount)
    }

    func truncate(to byteCount: Int) throws(CacheError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw Self.failure("truncate", path) }
    }

    /// Returns once the bytes are on the disk: a rename must not become visible before what it names.
    func synchronize() throws(CacheError) {
        #if canImport(Darwin)
            // fsync there leaves the bytes to the drive's own memory; not every file system knows better.
            if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        guard fsync(descriptor) == 0 else { throw Self.failure("synchronise", path) }
    }

    /// Zero, or the error's number.
    private func allocate(from end: Int, to newEnd: Int) -> CInt {
        // Asked first, for where a file system can't preallocate, glibc writes to every block until it fails.
        if let free = DiskSpace.freeByteCount(besideFile: descriptor), free < newEnd - end { return ENOSPC }
        #if canImport(Darwin)
            var store = fstore_t(
                fst_flags: UInt32(F_ALLOCATEALL), fst_posmode: F_PEOFPOSMODE, fst_offset: 0,
                fst_length: off_t(newEnd - end), fst_bytesalloc: 0)
            let code = fcntl(descriptor, F_PREALLOCATE, &store) == 0 ? 0 : errno
            if code == 0 { return ftruncate(descriptor, off_t(newEnd)) == 0 ? 0 : errno }
        #else
            var code = posix_fallocate(descriptor, off_t(end), off_t(newEnd - end))
            while code == EINTR { code = posix_fallocate(descriptor, off_t(end), off_t(newEnd - end)) }
        #endif
        return code == EOPNOTSUPP || code == ENOTSUP ? fillWithZeros(from: end, to: newEnd) : code
    }

    /// What preallocation does, for file systems that have none.
    private func fillWithZeros(from end: Int, to newEnd: Int) -> CInt {
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        var offset = end
        while offset < newEnd {
            let count = zeros.withUnsafeBytes { zeros in
                pwrite(descriptor, zeros.baseAddress, min(zeros.count, newEnd - offset), off_t(offset))
            }
            if count > 0 {
                offset += count
            } else if count == 0 || errno != EINTR {
                return count == 0 ? EIO : errno
            }
        }
        return 0
    }

    /// A write beyond this raises SIGXFSZ, which ends the process; so it is never tried.
    private static var fileSizeLimit: Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let code = getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        #else
            let code = getrlimit(RLIMIT_FSIZE, &limit)
        #endif
        return code == 0 ? Int(clamping: limit.rlim_cur) : .max
    }

    // MARK: Names

    /// Whether there is anything at `path`.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Puts a file in another's place, or where none was, in one step, and makes the step durable.
    static func rename(_ source: String, to target: String) throws(CacheError) {
        #if canImport(Darwin)
            let code = Darwin.rename(source, target)
        #elseif canImport(Glibc)
            let code = Glibc.rename(source, target)
        #else
            let code = Musl.rename(source, target)
        #endif
        guard code == 0 else { throw failure("put a file in the place of", target) }
        let directory = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "."
        try DataFile(directory: directory).synchronize()
    }

    /// Removes a name, if it is there. The file lives on while it is open.
    static func remove(_ path: String) {
        unlink(path)
    }

    /// A name that no other file has, for one that lives beside others for a while.
    static func uniqueName(_ prefix: String) -> String {
        prefix + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }

    // MARK: Refusals

    private static func failure(_ operation: String, _ path: String) -> CacheError {
        refusal(errno, operation, path, byteCount: 0)
    }

    private static func refusal(
        _ code: CInt, _ operation: String, _ path: String, byteCount: Int
    ) -> CacheError {
        let reason = String(cString: strerror(code))
        if code == ENOSPC || code == EDQUOT || code == EFBIG {
            return .diskFull(path: path, byteCount: byteCount, reason: reason)
        }
        return .ioFailed(operation: operation, path: path, reason: reason)
    }
}
