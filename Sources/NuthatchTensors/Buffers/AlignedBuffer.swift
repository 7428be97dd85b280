#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Owned memory, zero at first: aligned to 64 bytes, or to 2 MiB and asked to use huge pages where large.
///
/// A 2 MiB page needs one address translation where 512 small ones would each need theirs; reading weights
/// front to back that is what keeps the hardware's prefetchers going. What a huge page would hold in part only, at the
/// end, lies in small ones.
package struct AlignedBuffer: ~Copyable, @unchecked Sendable {
    // Reason: it owns its memory alone; whoever shares the buffer orders the writes (workers by barriers).
    package let base: UnsafeMutableRawPointer
    package let byteCount: Int
    private let mappedByteCount: Int

    /// A cache line, and a full vector of AVX-512.
    static let smallAlignment = 64
    /// A huge page of x86-64, and of arm64 with 4 KiB pages.
    static let largeAlignment = 2 << 20

    /// - Parameter purpose: what the memory is for, as the error will say.
    package init(byteCount: Int, purpose: String) throws(TensorError) {
        guard byteCount >= 0, byteCount <= Int.max / 2 else {
            throw .outOfMemory(byteCount: byteCount, purpose: purpose)
        }
        if byteCount < Self.largeAlignment {
            var pointer: UnsafeMutableRawPointer?
            let rounded = max(byteCount.rounded(upTo: Self.smallAlignment), Self.smallAlignment)
            guard posix_memalign(&pointer, Self.smallAlignment, rounded) == 0, let pointer else {
                throw .outOfMemory(byteCount: byteCount, purpose: purpose)
            }
            pointer.initializeMemory(as: UInt8.self, repeating: 0, count: rounded)
            base = pointer
            mappedByteCount = 0
        } else {
            let rounded = byteCount.rounded(upTo: Int(sysconf(Int32(_SC_PAGESIZE))))
            guard let pointer = Self.map(byteCount: rounded) else {
                throw .outOfMemory(byteCount: byteCount, purpose: purpose)
            }
            base = pointer
            mappedByteCount = rounded
        }
        self.byteCount = byteCount
    }

    deinit {
        if mappedByteCount > 0 {
            munmap(base, mappedByteCount)
        } else {
            free(base)
        }
    }

    package var bytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base, count: byteCount)
    }

    /// The memory as floats, from the first.
    package var floats: UnsafeMutablePointer<Float> {
        base.assumingMemoryBound(to: Float.self)
    }

    /// Maps one alignment more than asked and returns the unaligned ends.
    private static func map(byteCount: Int) -> UnsafeMutableRawPointer? {
        #if canImport(Darwin)
            let flags = MAP_PRIVATE | MAP_ANON
        #else
            let flags = MAP_PRIVATE | MAP_ANONYMOUS
        #endif
        let mapped = mmap(nil, byteCount + largeAlignment, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { return nil }
        let address = UInt(bitPattern: mapped)
        let head = Int((UInt(largeAlignment) - address % UInt(largeAlignment)) % UInt(largeAlignment))
        if head > 0 { munmap(mapped, head) }
        let base = mapped + head
        let tail = largeAlignment - head
        if tail > 0 { munmap(base + byteCount, tail) }
        #if !canImport(Darwin)
            // Advice only: without huge pages everything works, somewhat slower.
            _ = madvise(base, byteCount, MADV_HUGEPAGE)
        #endif
        return base
    }
}

extension Int {
    /// The next multiple of `unit`; the caller bounds the number so that it does not overflow.
    package func rounded(upTo unit: Int) -> Int {
        (self + unit - 1) / unit * unit
    }
}
