import Foundation
import NuthatchTestSupport

/// What a reference package makes of one plane; see Scripts/goldens/kv_quantization.py.
struct CodingGolden: Decodable, CustomStringConvertible {
    let method: String
    let bits: Int
    let axis: GroupAxis
    let group: Int
    let kind: String
    let slots: Int
    let dimension: Int
    let seed: UInt64
    private let codes: String
    private let scales: String
    private let offsets: String?
    private let zeros: String?
    private let numbers: String

    struct File: Decodable {
        let numberStep: Int
        let cases: [CodingGolden]
    }

    static func file() throws -> File {
        let url = URL(fileURLWithPath: Goldens.path("kv-quantization.json"))
        return try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
    }

    var description: String {
        "\(method), \(bits) bits, groups of \(group) by \(axis), \(kind), \(slots) x \(dimension), seed \(seed)"
    }

    /// [slot, dimension]
    var expectedCodes: [UInt8] {
        let digits = bits == 8 ? 2 : 1
        return Self.chunks(codes, of: digits).compactMap { UInt8($0, radix: 16) }
    }

    var expectedScales: [Float] { Self.floats(scales) }
    var expectedOffsets: [Float]? { offsets.map(Self.floats) }
    var expectedZeros: [Float]? { zeros.map(Self.floats) }
    var someNumbers: [Float] { Self.floats(numbers) }

    /// The plane that was coded, [slot, dimension].
    var plane: [Float] {
        var generator = NuthatchTestSupport.SeededGenerator(seed: seed)
        let count = slots * dimension
        let uniform = (0..<2 * count).map { _ in Float(generator.next() >> 40) * 0x1p-24 }
        return (0..<count).map { index in
            let (slot, d) = index.quotientAndRemainder(dividingBy: dimension)
            let x = uniform[index] + uniform[count + index] - 1
            switch kind {
            case "offset": return x + (Float(d) - Float(dimension) / 2) * 0.25
            case "outliers": return (slot == 0 ? x * 32 : x) * (d == 3 ? 16 : 1)
            case "constant": return (Float(d) - 5) * 0.5
            case "constant-slots": return (Float(slot) - 5) * 0.5
            case "zero": return 0
            case "nearly-constant": return x * 0x1p-16 + 0.75
            case "huge": return x * 0x1p100
            case "tiny": return x * 0x1p-130
            case "infinity":
                if slot == 1, d == 2 { return .infinity }
                return slot == slots - 1 && d == 5 ? -.infinity : x
            default: return x
            }
        }
    }

    private static func chunks(_ text: String, of length: Int) -> [String] {
        let digits = Array(text.utf8)
        return stride(from: 0, to: digits.count, by: length).map {
            String(decoding: digits[$0..<min($0 + length, digits.count)], as: UTF8.self)
        }
    }

    private static func floats(_ text: String) -> [Float] {
        chunks(text, of: 8).compactMap { UInt32($0, radix: 16).map { Float(bitPattern: $0.byteSwapped) } }
    }
}
