#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What an unprivileged user may still write to a file system.
package enum DiskSpace {
    /// Bytes free where `path` lies, or nil where the system will not say.
    package static func freeByteCount(at path: String) -> Int? {
        var status = statvfs()
        return statvfs(path, &status) == 0 ? freeByteCount(status) : nil
    }

    /// Bytes free where an open file lies, or nil where the system will not say.
    package static func freeByteCount(besideFile descriptor: CInt) -> Int? {
        var status = statvfs()
        return fstatvfs(descriptor, &status) == 0 ? freeByteCount(status) : nil
    }

    private static func freeByteCount(_ status: statvfs) -> Int? {
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return free.overflow ? nil : Int(clamping: free.partialValue)
    }
}
