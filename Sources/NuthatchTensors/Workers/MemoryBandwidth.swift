/// How fast a pool's workers together read memory, each in four places: what a decode step is held against.
///
/// In one place a core reads slower (12 instead of 19 GB/s on a Sapphire Rapids): its prefetchers follow each place by
/// itself.
package enum MemoryBandwidth {
    /// Larger than the last-level caches of most machines, and read at 10 GB/s in 27 ms.
    package static let byteCount = 256 << 20
    private static let repetitionCount = 8

    /// Bytes per second, the best of a few readings: others on the machine can only slow one down.
    ///
    /// - Throws: `TensorError.outOfMemory` where `byteCount` bytes can't be had for the moment.
    package static func measure(on pool: WorkerPool, byteCount: Int = byteCount) throws(TensorError) -> Double
    {
        let buffer = try AlignedBuffer(byteCount: byteCount, purpose: "measuring memory bandwidth")
        let sums = try AlignedBuffer(byteCount: pool.workerCount * Reading.sumStride, purpose: "sums")
        // Memory that was never written is one page of zeros to the system.
        pool.run(Writing(base: buffer.base, byteCount: byteCount))
        let clock = ContinuousClock()
        var best = 0.0
        for _ in 0..<repetitionCount {
            let start = clock.now
            pool.run(Reading(base: buffer.base, byteCount: byteCount, sums: sums.base))
            best = max(best, Double(byteCount) / ((clock.now - start) / .seconds(1)))
        }
        return best
    }
}

private struct Writing: WorkerProgram {
    let base: UnsafeMutableRawPointer
    let byteCount: Int

    func run(on worker: Worker) {
        let share = worker.share(of: byteCount, grain: AlignedBuffer.smallAlignment)
        (base + share.lowerBound).initializeMemory(as: UInt8.self, repeating: 1, count: share.count)
    }
}

private struct Reading: WorkerProgram {
    let base: UnsafeMutableRawPointer
    let byteCount: Int
    /// Where each worker leaves its sum, on lines of its own: or else the reading could be left out.
    let sums: UnsafeMutableRawPointer

    static let sumStride = 128

    func run(on worker: Worker) {
        typealias Line = SIMD8<UInt64>
        let length = MemoryLayout<Line>.size
        let share = worker.share(of: byteCount / length)
        let lines = UnsafePointer<Line>(base.assumingMemoryBound(to: Line.self)) + share.lowerBound
        // Each place has a sum of its own, so that none waits for the one before.
        let placeLength = share.count / 4
        var (a, b, c, d) = (Line(), Line(), Line(), Line())
        for index in 0..<placeLength {
            a &+= lines[index]
            b &+= lines[placeLength + index]
            c &+= lines[2 * placeLength + index]
            d &+= lines[3 * placeLength + index]
        }
        (sums + worker.index * Self.sumStride).storeBytes(of: a &+ b &+ c &+ d, as: Line.self)
    }
}
