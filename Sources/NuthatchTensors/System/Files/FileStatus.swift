#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Which file it is, by whatever name: two paths with equal identities name the same bytes.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// The identity of what `path` names, links followed; nil where nothing is there or it can't be seen.
    package init?(path: String) {
        guard let status = FileStatus(path: path) else { return nil }
        self = status.identity
    }

    fileprivate init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// What the file system says of a file, as of one moment.
package struct FileStatus: Equatable, Sendable {
    package enum Kind: Sendable {
        case file, directory, other
    }

    package let kind: Kind
    package let byteCount: Int
    /// Nanoseconds since 1970; with the size it tells whether a file was touched after it was verified.
    package let modifiedAt: Int
    package let identity: FileIdentity

    package var isDirectory: Bool { kind == .directory }

    /// The status of what `path` names, links followed; nil where nothing is there or it can't be seen.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The status of an open file.
    ///
    /// - Throws: `FileError` where the system will not say.
    init(descriptor: CInt, path: String) throws(FileError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(.measure, path) }
        self.init(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        byteCount = Int(clamping: status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        modifiedAt = Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
        identity = FileIdentity(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino))
    }
}
