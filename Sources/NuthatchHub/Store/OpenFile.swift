#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An open file, closed when it goes out of scope.
///
/// Descriptors are opened close-on-exec: a child process left behind by an interrupted pull must not go on
/// holding the model's lock.
struct OpenFile: ~Copyable {
    enum Purpose {
        case reading
        /// Made where missing; written at the end only.
        case appending
        /// Made where missing; holds a lock and no content.
        case locking
    }

    let path: String
    private let descriptor: CInt

    init(_ path: String, for purpose: Purpose) throws(HubError) {
        let flags: CInt =
            switch purpose {
            case .reading: O_RDONLY | O_CLOEXEC
            case .appending: O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
            case .locking: O_RDWR | O_CREAT | O_CLOEXEC
            }
        self.path = path
        self.descriptor = open(path, flags, 0o644)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func byteCount() throws(HubError) -> Int {
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else { throw Self.failure("measure", path) }
        return Int(end)
    }

    /// Fills as much of `buffer` as the file has; 0 at its end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(HubError) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw Self.failure("read", path) }
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw Self.failure("write", path)
            }
        }
    }

    func truncate(to byteCount: Int) throws(HubError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw Self.failure("truncate", path) }
    }

    /// Returns once the bytes are on the disk: a rename must not become visible before what it names.
    func synchronize() throws(HubError) {
        guard fsync(descriptor) == 0 else { throw Self.failure("synchronise", path) }
    }

    /// Takes an exclusive advisory lock; false where another open file holds it, in this process or another.
    func tryLock() throws(HubError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK || errno == EINTR else { throw Self.failure("lock", path) }
        return false
    }

    static func failure(_ operation: String, _ path: String) -> HubError {
        .systemFailure(operation: operation, path: path, reason: String(cString: strerror(errno)))
    }
}

/// What the file system says of a path.
struct FileStatus: Equatable {
    let isDirectory: Bool
    let byteCount: Int
    /// Nanoseconds since 1970; with the size it tells whether a file was touched after it was verified.
    let modifiedAt: Int

    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
        byteCount = Int(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        modifiedAt = Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }
}

/// Moves a file over another in one step, and makes the step durable.
func renameDurably(_ source: String, to destination: String, directory: String) throws(HubError) {
    guard rename(source, destination) == 0 else { throw OpenFile.failure("rename", source) }
    try OpenFile(directory, for: .reading).synchronize()
}
