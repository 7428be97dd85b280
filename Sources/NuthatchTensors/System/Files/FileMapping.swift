#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// A regular file mapped read-only into memory.
///
/// Nothing is read until it is touched, and what was touched can be given back with `release`. A file that
/// another program shortens while it is mapped raises SIGBUS when the lost bytes are touched.
package struct FileMapping: ~Copyable, @unchecked Sendable {
    // Reason: the mapping is read-only, and ends only with this value, which has one owner.
    /// The file's bytes, valid while this value lives.
    package let bytes: UnsafeRawBufferPointer

    /// Maps the whole of the file at `path`.
    package init(path: String) throws(FileError) {
        // A mapping outlives its descriptor.
        let file = try SystemFile(path, for: .reading)
        let byteCount = try file.byteCount()
        guard byteCount > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, file.descriptor, 0), base != MAP_FAILED
        else { throw FileError(.map, path) }
        bytes = UnsafeRawBufferPointer(start: base, count: byteCount)
    }

    deinit {
        guard let base = bytes.baseAddress else { return }
        munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }

    /// Gives the memory behind `range` back to the system; touching it again reads the file again.
    ///
    /// Pages shared with bytes outside the range stay, so that releasing one tensor never slows its neighbour.
    package func release(_ range: Range<Int>) {
        guard let base = bytes.baseAddress else { return }
        let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))
        let bounds = range.clamped(to: 0..<bytes.count)
        let lower = bounds.lowerBound.rounded(upTo: pageByteCount)
        let upper =
            bounds.upperBound == bytes.count
            ? bytes.count : bounds.upperBound / pageByteCount * pageByteCount
        guard lower < upper else { return }
        // Advice: where the system does not take it, memory stays resident and nothing else changes.
        madvise(UnsafeMutableRawPointer(mutating: base + lower), upper - lower, MADV_DONTNEED)
    }
}
