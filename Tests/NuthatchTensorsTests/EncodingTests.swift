import Foundation
import NuthatchTensors
import Testing

/// Against the gguf package's bytes and llama.cpp's errors; made by Scripts/goldens/encoding.py.
@Suite struct EncodingTests {
    private struct Golden: Decodable {
        let rows: [String: String]
        let blocks: [String: [String: String]]
        let errors: [String: [String: Double]]

        static func read() throws -> Golden {
            let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "Goldens/encoding.json")
            return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        }

        func values(_ name: String) throws -> [Float] {
            let bytes = EncodingTests.bytes(try #require(rows[name]))
            return bytes.withUnsafeBytes { bytes in
                (0..<bytes.count / 4).map {
                    let bits = bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)
                    return Float(bitPattern: UInt32(littleEndian: bits))
                }
            }
        }
    }

    private static func bytes(_ text: String) -> [UInt8] {
        let digits = text.utf8.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func encode(_ values: [Float], _ format: ElementFormat) throws -> [UInt8] {
        let count = try #require(format.byteCount(elementCount: values.count))
        var output = [UInt8](repeating: 0xAA, count: count)
        values.withUnsafeBufferPointer { values in
            output.withUnsafeMutableBytes { format.encode(values, into: $0) }
        }
        return output
    }

    private static func decode(_ blocks: [UInt8], _ format: ElementFormat) -> [Float] {
        let count = blocks.count / format.blockByteCount * format.blockLength
        return blocks.withUnsafeBytes { blocks in
            Array(unsafeUninitializedCapacity: count) { values, initializedCount in
                format.decode(blocks, into: UnsafeMutableBufferPointer(rebasing: values[..<count]))
                initializedCount = count
            }
        }
    }

    private static func error(_ values: [Float], _ format: ElementFormat) throws -> Double {
        let decoded = decode(try encode(values, format), format)
        let squares = zip(values, decoded).map { Double($0 - $1) * Double($0 - $1) }
        return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }

    @Test(arguments: [ElementFormat.f16, .bf16, .q4_0, .q4_1, .q5_0, .q8_0])
    func `simple formats are the reference's bytes`(_ format: ElementFormat) throws {
        let golden = try Golden.read()
        let expected = try #require(golden.blocks[format.rawValue])
        for name in golden.rows.keys.sorted() {
            let ours = try Self.encode(try golden.values(name), format)
            let theirs = Self.bytes(try #require(expected[name]))
            let difference = zip(ours, theirs).enumerated().first { $0.element.0 != $0.element.1 }
            #expect(ours.count == theirs.count)
            #expect(difference == nil, "\(name): first at \(difference?.offset ?? 0)")
        }
    }

    @Test(arguments: [ElementFormat.q4K, .q6K])
    func `searched scales miss no more than the reference's`(_ format: ElementFormat) throws {
        let golden = try Golden.read()
        let theirs = try #require(golden.errors[format.rawValue])
        for name in golden.rows.keys.sorted() {
            let values = try golden.values(name)
            let ours = try Self.error(values, format)
            // Where the reference is exact, or nearly, rounding of the half-precision factors decides.
            let rounding = Double(values.map(abs).max() ?? 0) * 0x1p-15
            let limit = 1.01 * (try #require(theirs[name])) + rounding
            #expect(ours <= limit, "\(name): \(ours / limit)")
        }
    }

    /// 4.5 bits leave about 7 % of normal weights' deviation, 6.5 about 2 %; more would be a fault.
    @Test func `more bits miss less`() throws {
        let golden = try Golden.read()
        let values = try golden.values("normal")
        let deviation = (values.reduce(0) { $0 + Double($1 * $1) } / Double(values.count)).squareRoot()
        let errors = try [ElementFormat.q4_0, .q4K, .q5_0, .q6K, .q8_0, .f16].map {
            try Self.error(values, $0) / deviation
        }
        #expect(errors == errors.sorted(by: >), "\(errors)")
        #expect(errors[1] < 0.08 && errors[3] < 0.025 && errors[4] < 0.01)
    }

    @Test(arguments: ElementFormat.encodable)
    func `what is encoded twice stays`(_ format: ElementFormat) throws {
        let values = try Golden.read().values("heavy")
        let once = Self.decode(try Self.encode(values, format), format)
        let twice = Self.decode(try Self.encode(once, format), format)
        let largest = once.map(abs).max() ?? 0
        // Searched scales may settle elsewhere; how far is bounded by what they miss at all.
        let tolerance: Float = format == .q4K || format == .q6K ? largest / 60 : largest / 1000
        for (first, second) in zip(once, twice) { #expect(abs(first - second) <= tolerance) }
    }

    @Test func `the largest magnitude sees what is no number`() {
        func largest(_ values: [Float]) -> Float { values.withUnsafeBufferPointer(largestMagnitude) }
        #expect(largest([1, -3, 2]) == 3)
        #expect(largest([]) == 0)
        #expect(largest([1, .nan, 2]) == .infinity)
        #expect(largest([-.infinity]) == .infinity)
        #expect(largest([.greatestFiniteMagnitude]) == .greatestFiniteMagnitude)
    }

    /// The ends of what callers may pass: codes stay codes, and what comes back is finite.
    @Test(arguments: ElementFormat.encodable)
    func `extremes encode to finite numbers`(_ format: ElementFormat) throws {
        let extremes: [Float] = [65_504, -65_504, 6e-8, -6e-8, .leastNonzeroMagnitude, -0x1p-133, 0, -0]
        for first in extremes {
            for second in extremes {
                let values = (0..<256).map { $0 % 7 == 0 ? first : $0 % 3 == 0 ? second : 0 }
                let decoded = Self.decode(try Self.encode(values, format), format)
                #expect(decoded.allSatisfy { $0.isFinite && abs($0) <= 140_000 }, "\(first), \(second)")
            }
        }
    }
}
