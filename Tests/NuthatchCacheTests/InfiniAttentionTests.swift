import Foundation
import NuthatchCache
import NuthatchTestSupport
import Testing

/// Compressive memory against the paper's equations in NumPy (Scripts/goldens/infini_attention.py), and the same
/// bits however the tokens came.
@Suite struct InfiniAttentionTests {
    struct Golden: Decodable, Sendable, CustomTestStringConvertible {
        let queryHeadCount: Int
        let kvHeadCount: Int
        let keyDimension: Int
        let valueDimension: Int
        let segmentLength: Int
        let rule: String
        let tokenCount: Int
        let gates: [Float]
        /// [token, query head, value dimension], float32.
        let outputs: Data

        var testDescription: String {
            "\(rule), segments of \(segmentLength), heads of \(keyDimension)+\(valueDimension)"
        }

        var shape: Shape {
            get throws {
                let rule = try #require(Retention.MemoryRule(rawValue: rule))
                return Shape(
                    queryHeadCount: queryHeadCount, kvHeadCount: kvHeadCount, keyDimension: keyDimension,
                    valueDimension: valueDimension,
                    retentions: [.compressive(segmentLength: segmentLength, rule: rule)],
                    parameters: AttentionParameters(scale: 0.25, memoryGates: gates), isRotary: true)
            }
        }

        var expected: [Float] {
            outputs.withUnsafeBytes { bytes in
                (0..<bytes.count / 4).map {
                    Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
                }
            }
        }

        static func all() throws -> [Golden] {
            let data = try Data(contentsOf: URL(filePath: Goldens.path("infini-attention.json")))
            return try JSONDecoder().decode([Golden].self, from: data)
        }
    }

    @Test func outputsAreThoseOfThePapersEquations() throws {
        for golden in try Golden.all() {
            let ours = try outputs(try golden.shape, golden.tokenCount, chunk: golden.tokenCount)
            let theirs = golden.expected
            #expect(ours.count == theirs.count)
            let difference = zip(ours, theirs).map { pow(Double($0 - $1), 2) }.reduce(0, +)
            let norm = theirs.map { pow(Double($0), 2) }.reduce(0, +)
            #expect((difference / norm).squareRoot() < 1e-6, "\(golden.testDescription)")
            for (ours, theirs) in zip(ours, theirs) {
                #expect(abs(ours - theirs) <= 1e-5 * max(1, abs(theirs)), "\(golden.testDescription)")
            }
        }
    }

    @Test func chunksWorkersPagesAndInstructionSetsDoNotMatter() throws {
        for golden in try Golden.all() {
            let shape = try golden.shape
            let whole = try outputs(shape, golden.tokenCount, chunk: golden.tokenCount).bits
            for chunk in [1, 7, 64, golden.tokenCount] {
                for workerCount in 1...3 {
                    let bits = try outputs(
                        shape, golden.tokenCount, chunk: chunk, workerCount: workerCount
                    ).bits
                    #expect(bits == whole, "\(golden.testDescription), chunks of \(chunk)")
                }
                for kernels in AttentionKernels.available {
                    let bits = try outputs(shape, golden.tokenCount, chunk: chunk, kernels: kernels).bits
                    #expect(bits == whole, "\(golden.testDescription), \(kernels.name)")
                }
            }
        }
    }

    @Test(arguments: [.dynamic, .reserved(tokenCount: 100)] as [Growth])
    func aForkContinuesAsItsOriginInTheMiddleOfASegment(growth: Growth) throws {
        for golden in try Golden.all() {
            let shape = try golden.shape
            let width = shape.queryHeadCount * shape.valueDimension
            let whole = try outputs(shape, golden.tokenCount, chunk: golden.tokenCount)
            let driver = Driver(shape)
            let tokens = Token.sequence(golden.tokenCount)
            let half = golden.tokenCount / 2 + 1
            let origin = try cache(shape, growth)
            _ = try driver.feed(Array(tokens[..<half]), to: origin, chunk: 7)
            let fork = try origin.fork()
            _ = try driver.feed(Token.sequence(20, seed: 9), to: origin, chunk: 3)
            let continued = try driver.feed(Array(tokens[half...]), to: fork, chunk: 5)
            #expect(continued.bits == Array(whole[(half * width)...]).bits, "\(golden.testDescription)")
        }
    }

    @Test func aSegmentUnderWayIsTakenBackAsAWhole() throws {
        for golden in try Golden.all() {
            let shape = try golden.shape
            let width = shape.queryHeadCount * shape.valueDimension
            let whole = try outputs(shape, golden.tokenCount, chunk: golden.tokenCount)
            let driver = Driver(shape)
            let tokens = Token.sequence(golden.tokenCount)
            let start = golden.tokenCount * 2 / 3 / golden.segmentLength * golden.segmentLength
            let cache = try cache(shape, .dynamic)
            _ = try driver.feed(Array(tokens[..<start]), to: cache, chunk: 7)
            let length = min(golden.segmentLength - 1, 19)
            if length > 1 {
                _ = try driver.feed(Token.sequence(length, seed: 4), to: cache, chunk: 3)
                #expect(cache.truncate(to: start + 1) == .recompute(from: start))
            }
            #expect(cache.tokenCount == start)
            let continued = try driver.feed(Array(tokens[start...]), to: cache, chunk: 11)
            #expect(continued.bits == Array(whole[(start * width)...]).bits, "\(golden.testDescription)")
        }
    }

    @Test func whatAnAbandonedPassRememberedIsForgotten() throws {
        for golden in try Golden.all() {
            let shape = try golden.shape
            let driver = Driver(shape)
            let tokens = Token.sequence(golden.tokenCount)
            let cache = try cache(shape, .dynamic)
            var outputs: [Float] = []
            for start in stride(from: 0, to: tokens.count, by: 9) {
                try driver.abandon([(cache, Token.poison(30))])
                outputs += try driver.feed(Array(tokens[start...].prefix(9)), to: cache, chunk: 9)
            }
            let whole = try self.outputs(shape, golden.tokenCount, chunk: golden.tokenCount)
            #expect(outputs.bits == whole.bits, "\(golden.testDescription)")
        }
    }

    @Test func compressiveMemoryGuaranteesNoRewind() throws {
        let shape = Shape(retentions: [.full, .compressive(segmentLength: 24, rule: .delta)])
        #expect(
            throws: CacheError.invalidConfiguration(
                reason:
                    "Layer 1 folds its history into a compressive memory, which takes back whole segments "
                    + "only; a rewind of 3 tokens can't be guaranteed.",
                remedy: "Guarantee no rewind, or keep a window, or sinks and a window.")
        ) { try CachePlan(CacheConfiguration(guaranteedRewind: 3), layers: shape.layers) }
    }

    private func outputs(
        _ shape: Shape, _ tokenCount: Int, chunk: Int, workerCount: Int = 1,
        kernels: AttentionKernels = .best
    ) throws -> [Float] {
        try Driver(shape, workerCount: workerCount, kernels: kernels)
            .feed(Token.sequence(tokenCount), to: try cache(shape, .dynamic), chunk: chunk)
    }

    private func cache(_ shape: Shape, _ growth: Growth) throws -> SequenceCache {
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: growth, pageLength: 16, chunkLength: 100)
        return try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
    }
}
