#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The system's memory, a page of the cache at a time. Unlike Swift's own allocation it may say no.
///
/// What is large comes from `mmap`: the C library puts a header before each block, and for one of exactly 128 KiB that
/// header costs a page of memory more, 3 % that no plan knows of. Neighbouring mappings become one, so their number
/// stays small.
package enum PageMemory {
    /// From here on a mapping's rounding to pages of 4 or 16 KiB costs less than a block's header and its gaps.
    private static let mappedByteCount = 1 << 16

    /// - Parameter alignment: a power of two, at most a page of the system's memory.
    package static func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
        if byteCount >= mappedByteCount {
            let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            return memory == MAP_FAILED ? nil : memory
        }
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, alignment, byteCount) == 0 else { return nil }
        return memory
    }

    package static func free(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        if byteCount >= mappedByteCount {
            munmap(memory, byteCount)
            return
        }
        #if canImport(Darwin)
            Darwin.free(memory)
        #elseif canImport(Glibc)
            Glibc.free(memory)
        #elseif canImport(Musl)
            Musl.free(memory)
        #endif
    }
}
