import NuthatchCache
public import NuthatchTensors

extension CacheOptions {
    /// How full pages hold their numbers.
    public enum Storage: String, CaseIterable, Sendable {
        /// 32-bit floats.
        case f32
        /// Half floats, 16 bits.
        case f16
        /// Brain floats, 16 bits.
        case bf16
        /// Codes of 8 bits, with a scale and an offset for each group.
        case q8
        /// Codes of 4 bits.
        case q4
        /// Codes of 2 bits.
        case q2

        /// Bits of a code; nil for exact numbers.
        public var bitCount: Int? {
            switch self {
            case .f32, .f16, .bf16: nil
            case .q8: 8
            case .q4: 4
            case .q2: 2
            }
        }
    }

    /// How codes are made of numbers: number = scale * code + offset, a scale and an offset for each group.
    public struct Coding: Sendable, Equatable {
        /// How a group's scale and offset are found.
        public enum Method: String, CaseIterable, Sendable {
            /// From its smallest and its largest number.
            case affine
            /// The affine scale, and an offset refined by half-quadratic iteration (HQQ, Badri and Shaji, 2023).
            case hqq
        }

        /// What the numbers of a group have in common.
        public enum Axis: String, CaseIterable, Sendable {
            /// One dimension of consecutive tokens (KIVI, arXiv:2402.02750, for keys).
            case channel
            /// Consecutive dimensions of one token.
            case token
        }

        /// How scale and offset are found.
        public var method: Method
        /// What a group's numbers have in common.
        public var axis: Axis
        /// Numbers in a group: 32, 64 or 128.
        public let groupLength: Int

        /// What `groupLength` can be.
        public static let groupLengths = Quantization.groupLengths

        /// Makes a coding.
        ///
        /// - Throws: `NuthatchError` (usage) naming the group's length and what it may be.
        public init(method: Method = .affine, axis: Axis, groupLength: Int = 64) throws(NuthatchError) {
            guard Self.groupLengths.contains(groupLength) else {
                throw NuthatchError(
                    code: .usage, message: "A group of \(Counted.text(groupLength, "number")) was asked for.",
                    remedy: "Choose 32, 64 or 128.")
            }
            self.init(method, by: axis, groupsOf: groupLength)
        }

        init(_ method: Method, by axis: Axis, groupsOf groupLength: Int) {
            self.method = method
            self.axis = axis
            self.groupLength = groupLength
        }
    }

    /// Which sides are multiplied by a Hadamard matrix before they are held, so that no dimension stands out
    /// (QuaRot, arXiv:2404.00456). Without rounding it would change nothing.
    public enum Rotation: String, CaseIterable, Sendable {
        /// Neither keys nor values.
        case none
        /// Keys, and the queries that meet them.
        case keys
        /// Values, and what attention reads from them.
        case values
        /// Keys and values.
        case both
    }
}

extension CacheOptions.Storage {
    /// - Parameter coding: of meaning for codes only.
    func storage(_ coding: CacheOptions.Coding?) throws(CacheError) -> Storage {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .bf16: .bf16
        case .q8, .q4, .q2:
            .quantized(
                try Quantization(
                    bitCount: bitCount ?? 0, method: coding?.method == .hqq ? .hqq : .affine,
                    axis: coding?.axis == .channel ? .channel : .token,
                    groupLength: coding?.groupLength ?? 0))
        }
    }
}

extension CacheOptions.Storage {
    init(_ storage: Storage) {
        self =
            switch storage {
            case .exact(.f32): .f32
            case .exact(.f16): .f16
            case .exact(.bf16): .bf16
            case .quantized(let quantization):
                quantization.bitCount == 8 ? .q8 : quantization.bitCount == 4 ? .q4 : .q2
            }
    }
}

extension CacheOptions {
    /// Whether layers with a window of the model's own hold keys or values otherwise than others.
    package var tellsWindowsApart: Bool { windowKeys != keys || windowValues != values }
}

extension CacheOptions.Rotation {
    var rotation: Rotation {
        switch self {
        case .none: []
        case .keys: .keys
        case .values: .values
        case .both: [.keys, .values]
        }
    }
}
