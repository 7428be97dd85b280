import NuthatchTensors

/// Numbers that look random and are the same in every run (SplitMix64).
struct SteadyRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }
}

extension ElementFormat {
    /// Where in a block the binary16 factors lie.
    private var factorOffsets: [Int] {
        switch self {
        case .f32, .f16, .bf16: []
        case .q4_0, .q5_0, .q8_0: [0]
        case .q4_1, .q5_1: [0, 2]
        case .q2K: [80, 82]
        case .q3K: [108]
        case .q4K, .q5K: [0, 2]
        case .q6K: [208]
        }
    }

    /// Blocks of random codes with factors of moderate size, both signs.
    func randomBytes(elementCount: Int, using random: inout SteadyRandom) -> [UInt8] {
        switch self {
        case .f32: return random.floats(elementCount).flatMap { withUnsafeBytes(of: $0, Array.init) }
        case .f16: return random.floats(elementCount).flatMap { Self.halfBytes($0) }
        case .bf16:
            return random.floats(elementCount).flatMap { value in
                withUnsafeBytes(of: UInt16(truncatingIfNeeded: value.bitPattern >> 16), Array.init)
            }
        default: break
        }
        var bytes = (0..<elementCount / blockLength * blockByteCount).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        for block in stride(from: 0, to: bytes.count, by: blockByteCount) {
            for offset in factorOffsets {
                let factor =
                    Float.random(in: 0.001...0.02, using: &random) * (Bool.random(using: &random) ? 1 : -1)
                bytes.replaceSubrange(block + offset..<block + offset + 2, with: Self.halfBytes(factor))
            }
        }
        return bytes
    }

    /// binary16 without the type, which x86-64 macOS lacks; for normal halves, rounding toward zero.
    private static func halfBytes(_ value: Float) -> [UInt8] {
        let bits = value.bitPattern
        let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
        let magnitude = Int(bits & 0x7FFF_FFFF) >> 13 - 112 << 10
        return withUnsafeBytes(of: sign | UInt16(clamping: magnitude), Array.init)
    }
}

/// A stored matrix with its bytes.
final class RandomMatrix {
    let format: ElementFormat
    let outputCount: Int
    let inputCount: Int
    private let bytes: UnsafeMutableRawBufferPointer

    /// Bytes start one past an aligned address: files promise no alignment.
    init(_ format: ElementFormat, outputCount: Int, inputCount: Int, seed: UInt64 = 1) {
        self.format = format
        self.outputCount = outputCount
        self.inputCount = inputCount
        var random = SteadyRandom(seed: seed)
        let content = format.randomBytes(elementCount: outputCount * inputCount, using: &random)
        bytes = .allocate(byteCount: content.count + 1, alignment: 64)
        UnsafeMutableRawBufferPointer(rebasing: bytes[1...]).copyBytes(from: content)
    }

    deinit { bytes.deallocate() }

    /// Borrowed: valid while `self` is held.
    private var stored: StoredMatrix {
        StoredMatrix(
            format: format, outputCount: outputCount, inputCount: inputCount,
            bytes: UnsafeRawBufferPointer(rebasing: bytes[1...]), tensor: "weight")
    }

    /// Matrices packed together, while the bytes of all are held.
    static func packed(
        _ matrices: [RandomMatrix], _ precision: WeightPrecision = .native, in arena: WeightArena? = nil,
        on pool: WorkerPool? = nil
    ) throws -> PackedMatrix {
        try withExtendedLifetime(matrices) {
            let stored = matrices.map(\.stored)
            return try PackedMatrix(stored, precision: precision, in: arena, on: pool)
        }
    }

    func packed(
        _ precision: WeightPrecision = .native, in arena: WeightArena? = nil, on pool: WorkerPool? = nil
    ) throws -> PackedMatrix {
        try Self.packed([self], precision, in: arena, on: pool)
    }

    /// Row after row, decoded.
    var values: [Float] {
        withExtendedLifetime(self) {
            [Float](unsafeUninitializedCapacity: outputCount * inputCount) { buffer, count in
                count = outputCount * inputCount
                stored.decode(
                    rows: 0..<outputCount, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}

/// Rows of floats with their memory.
final class OwnedRows {
    let rows: Rows
    private let memory: UnsafeMutablePointer<Float>

    /// `shift` floats past an aligned address, `stride` beyond the columns.
    init(_ values: [Float], columnCount: Int, shift: Int = 0, padding: Int = 0) {
        let rowCount = values.count / columnCount
        let stride = columnCount + padding
        memory = .allocate(capacity: rowCount * stride + shift + 16)
        memory.initialize(repeating: .nan, count: rowCount * stride + shift + 16)
        rows = Rows(base: memory + shift, rowCount: rowCount, columnCount: columnCount, stride: stride)
        for (index, value) in values.enumerated() { rows[index / columnCount][index % columnCount] = value }
    }

    deinit { memory.deallocate() }

    var values: [Float] {
        (0..<rows.rowCount).flatMap { row in (0..<rows.columnCount).map { rows[row][$0] } }
    }

    func values(row: Int) -> [Float] { (0..<rows.columnCount).map { rows[row][$0] } }

    /// Whether what lies between the rows is as it was.
    var isPaddingUntouched: Bool {
        (0..<rows.rowCount).allSatisfy { row in
            (rows.columnCount..<rows.stride).allSatisfy { rows[row][$0].isNaN }
        }
    }
}

/// A closure as a program.
struct Together: WorkerProgram {
    let body: (Worker) -> Void
    func run(on worker: Worker) { body(worker) }
}
