import Foundation
import NuthatchTensors
import Testing

@Suite struct DequantizationTests {
    private struct Golden: Decodable {
        let blocks: String
        let values: String
    }

    private static func readGoldens() throws -> [String: Golden] {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Goldens/dequantization.json")
        return try JSONDecoder().decode([String: Golden].self, from: Data(contentsOf: url))
    }

    private static func bytes(hexadecimal text: String) -> [UInt8] {
        let digits = text.utf8.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func floats(_ bytes: [UInt8]) -> [Float] {
        bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 4).map { offset in
                let bits = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                return Float(bitPattern: UInt32(littleEndian: bits))
            }
        }
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

    /// Equal in bits; which NaN comes out of a conversion, hardware decides.
    private static func isSame(_ left: Float, _ right: Float) -> Bool {
        left.isNaN && right.isNaN || left.bitPattern == right.bitPattern
    }

    @Test(arguments: ElementFormat.allCases)
    func `every format decodes to the bits of the reference`(_ format: ElementFormat) throws {
        let golden = try #require(Self.readGoldens()[format.rawValue])
        let expected = Self.floats(Self.bytes(hexadecimal: golden.values))
        let actual = Self.decode(Self.bytes(hexadecimal: golden.blocks), format)
        try #require(actual.count == expected.count)
        let differences = zip(actual, expected).enumerated().filter { _, pair in !Self.isSame(pair.0, pair.1)
        }
        #expect(differences.isEmpty, "first: \(String(describing: differences.first)) of (ours, reference)")
    }

    @Test(arguments: ElementFormat.allCases)
    func `blocks decode alike at any alignment`(_ format: ElementFormat) throws {
        let golden = try #require(Self.readGoldens()[format.rawValue])
        let blocks = Self.bytes(hexadecimal: golden.blocks)
        let expected = Self.decode(blocks, format).map(\.bitPattern)
        for shift in 1...3 {
            let shifted = [UInt8](repeating: 0, count: shift) + blocks
            var values = [Float](repeating: 0, count: expected.count)
            shifted.withUnsafeBytes { shifted in
                values.withUnsafeMutableBufferPointer {
                    format.decode(UnsafeRawBufferPointer(rebasing: shifted[shift...]), into: $0)
                }
            }
            #expect(values.map(\.bitPattern) == expected)
        }
    }

    #if !(os(macOS) && arch(x86_64))
        @Test func `every half-precision number is exact`() {
            let halves = (UInt16.min...UInt16.max).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            let values = Self.decode(halves, .f16)
            for (bits, value) in zip(UInt16.min...UInt16.max, values) {
                let expected = Float(Float16(bitPattern: bits))
                #expect(Self.isSame(value, expected), "bits \(bits): \(value), \(expected)")
            }
        }
    #endif

    @Test func `rows of a matrix decode alone as they do together`() throws {
        let golden = try #require(Self.readGoldens()["Q4_1"])
        let blocks = Self.bytes(hexadecimal: golden.blocks)
        let all = Self.decode(blocks, .q4_1).map(\.bitPattern)
        blocks.withUnsafeBytes { bytes in
            let matrix = StoredMatrix(
                format: .q4_1, outputCount: 5, inputCount: 64, bytes: bytes, tensor: "weight")
            var together = [Float](repeating: 0, count: 3 * 64)
            together.withUnsafeMutableBufferPointer { matrix.decode(rows: 1..<4, into: $0) }
            #expect(together.map(\.bitPattern) == Array(all[64..<256]))

            // Into rows that lie apart: stride 80, the gap untouched.
            var apart = [Float](repeating: -7, count: 3 * 80)
            apart.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                matrix.decode(
                    rows: 1..<4, into: Rows(base: base, rowCount: 3, columnCount: 64, stride: 80))
            }
            for row in 0..<3 {
                #expect(
                    apart[row * 80..<row * 80 + 64].map(\.bitPattern)
                        == Array(all[64 * (row + 1)..<64 * (row + 2)]))
                #expect(apart[row * 80 + 64..<row * 80 + 80].allSatisfy { $0 == -7 })
            }
        }
    }

    @Test func `part of a block is no number of bytes`() {
        #expect(ElementFormat.q4K.byteCount(elementCount: 255) == nil)
        #expect(ElementFormat.f32.byteCount(elementCount: .max) == nil)
        #expect(ElementFormat.q6K.byteCount(elementCount: 512) == 420)
    }
}
