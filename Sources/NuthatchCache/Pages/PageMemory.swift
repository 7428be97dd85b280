#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The system's memory, page by page. Unlike Swift's own allocation it may say no.
enum PageMemory {
    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, PageLayout.alignment, byteCount) == 0 else { return nil }
        return memory
    }

    static func free(_ memory: UnsafeMutableRawPointer) {
        #if canImport(Darwin)
            Darwin.free(memory)
        #elseif canImport(Glibc)
            Glibc.free(memory)
        #elseif canImport(Musl)
            Musl.free(memory)
        #endif
    }
}
