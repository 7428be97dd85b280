import Benchmark
import CPeaks
import NuthatchTensors

/// What this machine allows one thread at most, as far as a kernel needs it.
struct Machine {
    private let work: Work
    private let ring: Ring?
    private let peaks: nuthatch_peaks
    /// Times of `readByteCount` bytes, and of `Self.roundCount` rounds of products.
    private var reading = Stopwatch()
    private var floats = Stopwatch()
    private var bytes = Stopwatch()

    /// What is read in a millisecond or two, at most.
    private static let stretchByteCount = 16 << 20
    /// Tens of microseconds.
    private static let roundCount: UInt64 = 10_000

    /// Nil for a table that CPeaks does not know.
    init?(for kernel: any MeasuredKernel, on table: KernelTable) {
        guard let peaks = nuthatch_peaks(table.name)?.pointee else { return nil }
        work = kernel.work
        ring = kernel.ring
        self.peaks = peaks
    }

    mutating func measure(for seconds: Double) {
        if let ring {
            // The memory that the kernel reads: where it lies, and in pages of what size, matters.
            let (entryCount, byteCount) = (stretchCount, readByteCount)
            reading.measure(for: seconds) {
                blackHole(nuthatch_read(ring.address(ring.take(entryCount)), byteCount))
            }
        }
        let peaks = peaks
        if work.floatCount > 0 {
            floats.measure(for: seconds) { blackHole(peaks.multiply_floats(Self.roundCount)) }
        }
        if work.byteProductCount > 0 {
            bytes.measure(for: seconds) { blackHole(peaks.multiply_bytes(Self.roundCount)) }
        }
    }

    private var stretchCount: Int {
        ring.map { min($0.entryCount, max(1, Self.stretchByteCount / $0.entryByteCount)) } ?? 0
    }

    private var readByteCount: Int { (ring?.entryByteCount ?? 0) * stretchCount / 256 * 256 }

    /// Seconds that no call of the kernel can fall short of in the table's instructions: reading and
    /// computing overlap, so it is the longer of both (the roofline: Williams, Waterman, Patterson, 2009).
    var leastSeconds: Double {
        // One round tells how many products that is.
        let floatCount = Double(Self.roundCount * peaks.multiply_floats(1))
        let byteProductCount = Double(Self.roundCount * peaks.multiply_bytes(1))
        let bounds = [
            (work.streamedByteCount, Double(readByteCount), reading),
            (work.floatCount, floatCount, floats),
            (work.byteProductCount, byteProductCount, bytes),
        ]
        return bounds.reduce(0) { least, bound in
            let (count, measuredCount, stopwatch) = bound
            return count > 0 ? max(least, Double(count) / measuredCount * stopwatch.leastSeconds) : least
        }
    }
}
