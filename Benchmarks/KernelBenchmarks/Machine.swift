import CPeaks
import NuthatchTensors

/// What this machine allows one thread at most, measured by this process just before what is held against it.
enum Machine {
    /// Seconds that no kernel of the table's instructions can fall short of: reading and computing overlap,
    /// so it is the longer of both (the roofline: Williams, Waterman and Patterson, 2009). Nil for a table
    /// that CPeaks does not know.
    static func leastSeconds(for work: Work, on table: KernelTable) throws(TensorError) -> Double? {
        guard let peaks = nuthatch_peaks(table.name)?.pointee else { return nil }
        var least = 0.0
        if work.streamedByteCount > 0 {
            // One worker, as one thread runs the kernel.
            let bandwidth = try MemoryBandwidth.measure(on: WorkerPool(workerCount: 1))
            least = Double(work.streamedByteCount) / bandwidth
        }
        if work.floatCount > 0 {
            least = max(least, Double(work.floatCount) * secondsPerProduct(peaks.multiply_floats))
        }
        if work.byteProductCount > 0 {
            least = max(least, Double(work.byteProductCount) * secondsPerProduct(peaks.multiply_bytes))
        }
        return least
    }

    private static func secondsPerProduct(_ multiply: (UInt64) -> UInt64) -> Double {
        // Tens of microseconds: long for the clock, short for what the system gives a thread at once.
        let roundCount: UInt64 = 10_000
        let productCount = multiply(roundCount)
        return Stopwatch.leastSeconds { _ = multiply(roundCount) } / Double(productCount)
    }
}
