import NuthatchModels
import NuthatchTensors

/// Decodes some rows of a tensor and encodes them in another format, shared among workers by rows.
struct EncodingPass: WorkerProgram {
    let source: TensorRows
    let format: ElementFormat
    let rows: Range<Int>
    /// Valid during the run: the encoded rows.
    let output: UnsafeMutableRawBufferPointer
    /// Valid during the run: [worker][rowLength].
    let scratch: UnsafeMutablePointer<Float>
    /// Valid during the run: [worker], the largest magnitude met.
    let magnitudes: UnsafeMutablePointer<Float>

    func run(on worker: Worker) {
        let values = UnsafeMutableBufferPointer(
            start: scratch + worker.index * source.rowLength, count: source.rowLength)
        let rowByteCount = output.count / max(rows.count, 1)
        var largest: Float = 0
        for index in worker.share(of: rows.count) {
            source.decode(row: rows.lowerBound + index, into: values)
            largest = max(largest, largestMagnitude(UnsafeBufferPointer(values)))
            // What the format can't hold ends the work; its bytes don't matter.
            guard largest <= format.largestMagnitude else { break }
            format.encode(
                UnsafeBufferPointer(values),
                into: UnsafeMutableRawBufferPointer(
                    rebasing: output[index * rowByteCount..<(index + 1) * rowByteCount]))
        }
        magnitudes[worker.index] = largest
    }
}
