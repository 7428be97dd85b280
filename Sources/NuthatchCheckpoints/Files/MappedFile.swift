#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A regular file mapped read-only into memory.
///
/// Nothing is read until it is touched, and what was touched can be given back with `release`. A file that
/// another program shortens while it is mapped raises SIGBUS when the lost bytes are touched; models are put
/// in place by rename and never rewritten, so the length checked here stays true.
package final class MappedFile: Sendable {
    package let path: String
    // Safe to share: the mapping is read-only, and ends only when the last reference to this object does.
    nonisolated(unsafe) private let mapping: UnsafeRawBufferPointer

    /// Maps the whole of the file at `path`.
    package init(path: String) throws(CheckpointError) {
        // Without O_NONBLOCK, opening a FIFO would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(at: path) }
        // A mapping outlives its descriptor.
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(at: path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "it is not a regular file")
        }
        guard let byteCount = Int(exactly: status.st_size), byteCount >= 0 else {
            throw .unreadable(path: path, reason: "its size, \(status.st_size) bytes, is beyond this machine")
        }
        self.path = path
        guard byteCount > 0 else {
            mapping = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
        else {
            throw Self.failure(at: path)
        }
        mapping = UnsafeRawBufferPointer(start: base, count: byteCount)
    }

    deinit {
        guard let base = mapping.baseAddress else { return }
        munmap(UnsafeMutableRawPointer(mutating: base), mapping.count)
    }

    package var byteCount: Int { mapping.count }

    /// The file's bytes, borrowed: valid while this object lives.
    package var bytes: UnsafeRawBufferPointer { mapping }

    /// Gives the memory behind `range` back to the system; touching it again reads the file again.
    ///
    /// Pages shared with bytes outside the range stay, so that releasing one tensor never slows its neighbour.
    package func release(_ range: Range<Int>) {
        guard let base = mapping.baseAddress else { return }
        let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))
        let bounds = range.clamped(to: 0..<mapping.count)
        let lower = (bounds.lowerBound + pageByteCount - 1) / pageByteCount * pageByteCount
        let upper =
            bounds.upperBound == mapping.count
            ? mapping.count : bounds.upperBound / pageByteCount * pageByteCount
        guard lower < upper else { return }
        // Advice: where the system does not take it, memory stays resident and nothing else changes.
        madvise(UnsafeMutableRawPointer(mutating: base + lower), upper - lower, MADV_DONTNEED)
    }

    private static func failure(at path: String) -> CheckpointError {
        let code = errno
        if code == ENOENT || code == ENOTDIR { return .notFound(path: path) }
        return .unreadable(path: path, reason: String(cString: strerror(code)))
    }

    /// What lies at a path.
    enum Kind {
        case file, directory, other
    }

    /// What lies at `path`, links followed; nil where nothing does or it cannot be seen.
    static func kind(at path: String) -> Kind? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    /// The plain names in a directory, sorted; empty where it cannot be listed.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // Through a pointer: copied whole, the 256 declared bytes could reach past the short record read.
            guard let name = entry.pointer(to: \.d_name) else { continue }
            names.append(String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self)))
        }
        return names.sorted()
    }
}
