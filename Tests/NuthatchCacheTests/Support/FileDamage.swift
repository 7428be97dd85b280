import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What disks, cables and people do to a file behind the back of who has it open.
struct FileDamage {
    let descriptor: CInt

    func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard pread(descriptor, &bytes, count, off_t(offset)) == count else {
            throw CocoaError(.fileReadUnknown)
        }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws {
        guard pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    func flip(bit: Int, ofByteAt offset: Int) throws {
        let byte = try read(1, at: offset)[0]
        try write([byte ^ 1 << bit], at: offset)
    }

    func cut(to byteCount: Int) throws {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// The descriptor leads elsewhere from now on; what was open there closes.
    func redirect(to path: String, flags: CInt) throws {
        let other = open(path, flags | O_CLOEXEC)
        guard other >= 0, dup2(other, descriptor) == descriptor else { throw CocoaError(.fileReadUnknown) }
        close(other)
    }

    /// Permission bits, and how many names the file has.
    func status() throws -> (mode: Int, nameCount: Int) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CocoaError(.fileReadUnknown) }
        return (Int(status.st_mode) & 0o777, Int(status.st_nlink))
    }

    /// For thousands of files in a test: Foundation's own writing waits for the disk each time, and so does
    /// ext4 where a file that was cut to nothing is written again.
    static func replaceFile(at path: String, with bytes: [UInt8]) throws {
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(descriptor) }
        try FileDamage(descriptor: descriptor).write(bytes, at: 0)
    }

    static func makePipe(at path: String) throws {
        guard mkfifo(path, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    static let readOnly = O_RDONLY
    static let writable = O_RDWR

    /// Runs `body` while this process may make files of `byteCount` bytes at most.
    static func withFileSizeLimit(_ byteCount: Int, _ body: () throws -> Void) rethrows {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        #else
            let resource = RLIMIT_FSIZE
        #endif
        var old = rlimit()
        getrlimit(resource, &old)
        var new = old
        new.rlim_cur = rlim_t(byteCount)
        setrlimit(resource, &new)
        defer { setrlimit(resource, &old) }
        try body()
    }
}
