import Benchmark
import CPeaks
import NuthatchTensors

/// What this machine allows one thread at most, measured by this process just before what is held against it.
enum Machine {
    /// Seconds that no call of the kernel can fall short of in the table's instructions: reading and computing
    /// overlap, so it is the longer of both (the roofline: Williams, Waterman and Patterson, 2009). Nil for a
    /// table that CPeaks does not know.
    static func leastSeconds(for kernel: any MeasuredKernel, on table: KernelTable) -> Double? {
        guard let peaks = nuthatch_peaks(table.name)?.pointee else { return nil }
        let work = kernel.work
        var least = 0.0
        if let ring = kernel.ring {
            least = Double(work.streamedByteCount) * secondsPerByte(of: ring)
        }
        if work.floatCount > 0 {
            least = max(least, Double(work.floatCount) * secondsPerProduct(peaks.multiply_floats))
        }
        if work.byteProductCount > 0 {
            least = max(least, Double(work.byteProductCount) * secondsPerProduct(peaks.multiply_bytes))
        }
        return least
    }

    /// Of the memory that the kernel will read: where it lies, and in pages of what size, matters.
    private static func secondsPerByte(of ring: Ring) -> Double {
        // A millisecond or two, as the kernel's samples are.
        let byteCount = min(16 << 20, ring.byteCount) / 256 * 256
        var (sum, offset) = (UInt64(0), 0)
        let seconds = Stopwatch.leastSeconds(within: 0.15) {
            if offset + byteCount > ring.byteCount { offset = 0 }
            sum ^= nuthatch_read(ring.address(0) + offset, byteCount)
            offset += byteCount
        }
        blackHole(sum)
        return seconds / Double(byteCount)
    }

    private static func secondsPerProduct(_ multiply: (UInt64) -> UInt64) -> Double {
        // Tens of microseconds, of which a sample has as many as it needs.
        let roundCount: UInt64 = 10_000
        let productCount = multiply(roundCount)
        return Stopwatch.leastSeconds { _ = multiply(roundCount) } / Double(productCount)
    }
}
