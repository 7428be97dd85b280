import Foundation
import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Attention of rows that all see each other, against the formula.
@Suite struct SegmentAttentionTests {
    private static let headCount = 3
    private static let dimension = 20
    private static let scale: Float = 0.2

    /// [row][queries | keys | values]
    private func rows(_ count: Int) -> [Float] {
        var generator = NuthatchTestSupport.SeededGenerator(seed: 4)
        return (0..<count * 3 * Self.headCount * Self.dimension).map { _ in generator.normal() }
    }

    private func expected(_ rows: [Float], _ segments: [Range<Int>]) -> [Float] {
        let (heads, dimension) = (Self.headCount, Self.dimension)
        let width = heads * dimension
        func part(_ row: Int, _ part: Int, _ head: Int) -> ArraySlice<Float> {
            let start = (row * 3 + part) * width + head * dimension
            return rows[start..<start + dimension]
        }
        var output: [Float] = []
        for row in 0..<rows.count / (3 * width) {
            let segment = segments.first { $0.contains(row) } ?? 0..<0
            for head in 0..<heads {
                let scores = segment.map { key in
                    zip(part(row, 0, head), part(key, 1, head)).reduce(0.0) {
                        $0 + Double($1.0) * Double($1.1)
                    } * Double(Self.scale)
                }
                let weights = scores.map { exp($0 - (scores.max() ?? 0)) }
                let sum = weights.reduce(0, +)
                for index in 0..<dimension {
                    let value = zip(segment, weights).reduce(0.0) {
                        $0 + Double(part($1.0, 2, head)[part($1.0, 2, head).startIndex + index]) * $1.1
                    }
                    output.append(Float(value / sum))
                }
            }
        }
        return output
    }

    private struct Program: WorkerProgram {
        let attention: SegmentAttention
        let all: Rows
        let output: Rows
        let cut: Int
        let chunkLength: Int

        func run(on worker: Worker) {
            let width = output.columnCount
            for start in stride(from: 0, to: all.rowCount, by: chunkLength) {
                let rows = all.rows(start..<min(start + chunkLength, all.rowCount))
                attention.write(
                    keys: rows.columns(width..<2 * width), values: rows.columns(2 * width..<3 * width),
                    firstRow: start, cut: cut, on: worker)
                worker.barrier()
            }
            attention.attend(
                all.columns(0..<width), scale: SegmentAttentionTests.scale, cut: cut, into: output, on: worker
            )
        }
    }

    private func compute(
        _ rows: [Float], _ cuts: [[Range<Int>]], cut: Int, workerCount: Int, chunkLength: Int,
        kernels: AttentionKernels
    ) throws -> [Float] {
        let width = Self.headCount * Self.dimension
        let count = rows.count / (3 * width)
        var rows = rows
        var output = [Float](repeating: .nan, count: count * width)
        let attention = try SegmentAttention(
            cuts: cuts, headCount: Self.headCount, dimension: Self.dimension, workerCount: workerCount,
            kernels: kernels)
        let pool = WorkerPool(workerCount: workerCount)
        rows.withUnsafeMutableBufferPointer { rows in
            output.withUnsafeMutableBufferPointer { output in
                guard let base = rows.baseAddress, let target = output.baseAddress else { return }
                pool.run(
                    Program(
                        attention: attention,
                        all: Rows(base: base, rowCount: count, columnCount: 3 * width, stride: 3 * width),
                        output: Rows(base: target, rowCount: count, columnCount: width, stride: width),
                        cut: cut, chunkLength: chunkLength))
            }
        }
        return output
    }

    @Test(
        "Each row sees its segment, all of it and nothing else",
        arguments: AttentionKernels.available.map(\.name))
    func formula(name: String) throws {
        let kernels = try #require(AttentionKernels.available.first { $0.name == name })
        let cuts: [[Range<Int>]] = [[0..<300], [0..<1, 1..<65, 65..<129, 129..<140, 140..<300]]
        let rows = rows(300)
        for (cut, segments) in cuts.enumerated() {
            let ours = try compute(
                rows, cuts, cut: cut, workerCount: 2, chunkLength: 300, kernels: kernels)
            let theirs = expected(rows, segments)
            let largest = zip(ours, theirs).map { abs($0 - $1) }.max() ?? .nan
            #expect(largest < 2e-6)
        }
    }

    @Test("Bits depend neither on threads nor on how rows were chunked")
    func equalBits() throws {
        let cuts: [[Range<Int>]] = [[0..<70, 70..<200], [0..<200]]
        let rows = rows(200)
        for cut in 0..<2 {
            let whole = try compute(
                rows, cuts, cut: cut, workerCount: 1, chunkLength: 200, kernels: .best)
            for (workerCount, chunkLength) in [(2, 200), (3, 33), (1, 1), (2, 64)] {
                let other = try compute(
                    rows, cuts, cut: cut, workerCount: workerCount, chunkLength: chunkLength, kernels: .best)
                #expect(other.map(\.bitPattern) == whole.map(\.bitPattern))
            }
        }
    }
}
