#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension SystemFile {
    /// Makes the file longer, from `end` to `newEnd` bytes, with room on the disk that later writes can't lack.
    /// Where that can't be had, the file is as long as before.
    package func extend(from end: Int, to newEnd: Int) throws(FileError) {
        guard newEnd > end else { return }
        // A write beyond the limit raises SIGXFSZ, which ends the process; so it is never tried.
        let limit = Self.byteCountLimit
        if newEnd > limit { throw FileError(.extend, path, .sizeLimit(byteCount: limit)) }
        let code = allocate(from: end, to: newEnd)
        guard code != 0 else { return }
        _ = ftruncate(descriptor, off_t(end))
        throw FileError(.extend, path, .system(code))
    }

    package func truncate(to byteCount: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw FileError(.truncate, path) }
    }

    /// Bytes free on the disk where the file lies, or nil where the system will not say.
    package var freeByteCount: Int? { DiskSpace.freeByteCount(besideFile: descriptor) }

    /// Zero, or the error's number.
    private func allocate(from end: Int, to newEnd: Int) -> CInt {
        // Asked first, for where a file system can't preallocate, glibc writes to every block until it fails.
        if let freeByteCount, freeByteCount < newEnd - end { return ENOSPC }
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

    /// The longest file that this process may make.
    private static var byteCountLimit: Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let code = getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        #else
            let code = getrlimit(RLIMIT_FSIZE, &limit)
        #endif
        return code == 0 ? Int(clamping: limit.rlim_cur) : .max
    }
}
