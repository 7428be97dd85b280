import CNuthatchKernels
import NuthatchCache
import NuthatchTensors

/// A page of one head: written open, sealed, and read back number by number from the layout that
/// `nuthatch_coding` describes.
struct SealedPage {
    let plane: nuthatch_head_plane
    let keyCoding: PlaneCoding?
    let valueCoding: PlaneCoding?
    private(set) var bytes: [UInt8]

    /// - Parameters:
    ///   - keys: [slot, dimension]
    ///   - values: [slot, dimension]
    init(
        _ shape: TestPlane, keys: [Float], values: [Float], keyCoding: PlaneCoding?,
        valueCoding: PlaneCoding?,
        openStorage: nuthatch_storage = NUTHATCH_STORAGE_F32, exactCount: Int = 0, kernels: AttentionKernels
    ) {
        let table = kernels.table.pointee
        var (open, openByteCount) = shape.open(openStorage)
        var openBytes = [UInt8](repeating: 0, count: openByteCount)
        openBytes.withUnsafeMutableBytes { page in
            guard let page = page.baseAddress else { return }
            _ = table.write_keys(keys, shape.keyDimension, shape.slots, page, 0, &open)
            _ = table.write_values(values, shape.valueDimension, shape.slots, page, 0, &open)
        }
        var (sealed, byteCount) = shape.sealed(keys: keyCoding, values: valueCoding, otherwise: openStorage)
        // Not zeros, so that what sealing leaves out shows.
        bytes = [UInt8](repeating: 0xA5, count: byteCount)
        let scratchCount = nuthatch_seal_scratch_count(&sealed)
        var scratch = [Float](repeating: .nan, count: scratchCount + 16)
        bytes.withUnsafeMutableBytes { page in
            guard let page = page.baseAddress else { return }
            table.seal(openBytes, &open, page, &sealed, exactCount, &scratch)
        }
        precondition(scratch.suffix(16).allSatisfy(\.isNaN), "sealing wrote past its scratch")
        plane = sealed
        self.keyCoding = keyCoding
        self.valueCoding = valueCoding
    }

    /// Keys and values, [slot, dimension] each, as a table reads them.
    func numbers(_ kernels: AttentionKernels) -> (keys: [Float], values: [Float]) {
        var plane = plane
        let (slots, valueDimension) = (plane.page_length, plane.value_dimension)
        var keys = [Float](repeating: 0, count: slots * plane.key_dimension)
        var values = [Float](repeating: 0, count: slots * valueDimension.rounded(upTo: 16))
        kernels.table.pointee.read_plane(bytes, &plane, &keys, &values)
        let keyDimension = plane.key_dimension
        return (
            (0..<slots * keyDimension).map { index in
                let (slot, dimension) = index.quotientAndRemainder(dividingBy: keyDimension)
                return keys[(slot / 16 * keyDimension + dimension) * 16 + slot % 16]
            },
            (0..<slots * valueDimension).map { index in
                let (slot, dimension) = index.quotientAndRemainder(dividingBy: valueDimension)
                return values[(dimension / 16 * slots + slot) * 16 + dimension % 16]
            }
        )
    }

    /// The page as attention takes it, at position 0.
    func withPages(_ body: (nuthatch_attention_pages) -> Void) {
        bytes.withUnsafeBytes { page in
            guard let start = page.baseAddress else { return }
            withUnsafePointer(to: start) { pointers in
                pointers.withMemoryRebound(to: UnsafeRawPointer.self, capacity: 1) { pointers in
                    body(
                        nuthatch_attention_pages(
                            pages: pointers, page_count: 1, listed_count: 1, first_position: 0, plane: plane)
                    )
                }
            }
        }
    }

    /// The coded keys, or values.
    func coded(keys holdsKeys: Bool) -> CodedNumbers? {
        guard let coding = holdsKeys ? keyCoding : valueCoding else { return nil }
        let layout = holdsKeys ? plane.key_coding : plane.value_coding
        let start = holdsKeys ? plane.key_offset : plane.value_offset
        let (slots, dimension) =
            (plane.page_length, holdsKeys ? plane.key_dimension : plane.value_dimension)
        let perWord = 32 / coding.bits
        let wordCount = ((holdsKeys ? dimension : slots) * coding.bits + 31) / 32
        let codes = (0..<slots * dimension).map { index -> UInt8 in
            let (slot, d) = index.quotientAndRemainder(dividingBy: dimension)
            let (across, along) = holdsKeys ? (slot, d) : (d, slot)
            let word = (across / 16 * wordCount + along / perWord) * 16 + across % 16
            let found = load(UInt32.self, start + word * 4) >> UInt32(along % perWord * coding.bits)
            return UInt8(truncatingIfNeeded: found & (1 << UInt32(coding.bits) - 1))
        }
        return CodedNumbers(
            coding: coding, shape: (slots, dimension), codes: codes,
            scales: parameters(coding, at: start + layout.scale_offset, slots, dimension),
            offsets: parameters(coding, at: start + layout.offset_offset, slots, dimension))
    }

    private func parameters(_ coding: PlaneCoding, at start: Int, _ slots: Int, _ dimension: Int) -> [Float] {
        (0..<coding.parameterCount(slots: slots, dimension: dimension)).map { index in
            switch coding.parameters {
            case NUTHATCH_STORAGE_F32: Float(bitPattern: load(UInt32.self, start + index * 4))
            case NUTHATCH_STORAGE_F16: Float(Float16(bitPattern: load(UInt16.self, start + index * 2)))
            default: Float(bitPattern: UInt32(load(UInt16.self, start + index * 2)) << 16)
            }
        }
    }

    private func load<T: BitwiseCopyable>(_ type: T.Type, _ offset: Int) -> T {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }
}

/// Codes, [slot, dimension], and the tables of their groups' scales and offsets.
struct CodedNumbers {
    let coding: PlaneCoding
    let shape: (slots: Int, dimension: Int)
    let codes: [UInt8]
    let scales: [Float]
    let offsets: [Float]
    /// Index of each number's group in the tables, [slot, dimension].
    let groups: [Int]
    /// [slot, dimension]
    let numbers: [Float]

    init(
        coding: PlaneCoding, shape: (slots: Int, dimension: Int), codes: [UInt8], scales: [Float],
        offsets: [Float]
    ) {
        self.coding = coding
        self.shape = shape
        self.codes = codes
        self.scales = scales
        self.offsets = offsets
        let groups = codes.indices.map {
            coding.parameterIndex(slot: $0 / shape.dimension, $0 % shape.dimension, of: shape)
        }
        self.groups = groups
        numbers = zip(codes, groups).map { Float($0) * scales[$1] + offsets[$1] }
    }
}
