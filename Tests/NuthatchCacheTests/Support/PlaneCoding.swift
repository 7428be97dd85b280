import CNuthatchKernels
import NuthatchTensors

enum GroupAxis: String, Decodable, CaseIterable {
    case slot, dimension
}

/// How a test codes one head's keys or values.
struct PlaneCoding {
    var bits: Int
    var axis: GroupAxis
    var groupLength: Int
    var parameters = NUTHATCH_STORAGE_F32
    var method = NUTHATCH_QUANTIZATION_AFFINE

    func span(dimension: Int) -> Int {
        guard axis == .slot else { return 1 }
        var span = 1
        while span * 2 * dimension <= groupLength { span *= 2 }
        return span
    }

    var parameterByteCount: Int { parameters == NUTHATCH_STORAGE_F32 ? 4 : 2 }

    /// Groups of a plane as its tables hold them, lanes that fill up a row included.
    func parameterCount(slots: Int, dimension: Int) -> Int {
        switch axis {
        case .dimension: slots / groupLength * dimension.rounded(upTo: 16)
        case .slot:
            max(1, (dimension + groupLength - 1) / groupLength) * slots / span(dimension: dimension)
        }
    }

    /// Where the group of a number has its parameters.
    func parameterIndex(slot: Int, _ dimension: Int, of shape: (slots: Int, dimension: Int)) -> Int {
        switch axis {
        case .dimension: slot / groupLength * shape.dimension.rounded(upTo: 16) + dimension
        case .slot:
            (groupLength < shape.dimension ? dimension / groupLength : 0)
                * (shape.slots / span(dimension: shape.dimension)) + slot / span(dimension: shape.dimension)
        }
    }

    /// The C room's description, and the bytes of words and tables.
    func layout(slots: Int, dimension: Int, holdsKeys: Bool) -> (nuthatch_coding, byteCount: Int) {
        let across = holdsKeys ? slots : dimension
        let along = holdsKeys ? dimension : slots
        let words = across.rounded(upTo: 16) * ((along * bits + 31) / 32) * 4
        let table = parameterCount(slots: slots, dimension: dimension) * parameterByteCount
        var coding = nuthatch_coding()
        coding.bits = Int32(bits)
        coding.is_by_slot = axis == .slot ? 1 : 0
        coding.group_length = groupLength
        coding.span = span(dimension: dimension)
        coding.parameter_storage = parameters
        coding.method = method
        coding.scale_offset = words.rounded(upTo: 64)
        coding.offset_offset = coding.scale_offset + table.rounded(upTo: 64)
        return (coding, coding.offset_offset + table.rounded(upTo: 64))
    }
}

/// The plane of one head alone in its page.
struct TestPlane {
    let slots: Int
    let keyDimension: Int
    let valueDimension: Int

    func open(_ storage: nuthatch_storage = NUTHATCH_STORAGE_F32) -> (nuthatch_head_plane, byteCount: Int) {
        sealed(keys: nil, values: nil, otherwise: storage)
    }

    /// Keys or values without a coding are stored as numbers.
    func sealed(
        keys: PlaneCoding?, values: PlaneCoding?, otherwise storage: nuthatch_storage = NUTHATCH_STORAGE_F32
    ) -> (nuthatch_head_plane, byteCount: Int) {
        let numberByteCount = storage == NUTHATCH_STORAGE_F32 ? 4 : 2
        var plane = nuthatch_head_plane()
        plane.page_length = slots
        plane.key_dimension = keyDimension
        plane.value_dimension = valueDimension
        plane.key_storage = storage
        plane.value_storage = storage
        plane.key_offset = 64
        var keyByteCount = slots * keyDimension * numberByteCount
        if let keys {
            plane.key_storage = NUTHATCH_STORAGE_CODES
            (plane.key_coding, keyByteCount) = keys.layout(
                slots: slots, dimension: keyDimension, holdsKeys: true)
        }
        plane.value_offset = (plane.key_offset + keyByteCount).rounded(upTo: 64)
        var valueByteCount = slots * valueDimension.rounded(upTo: 16) * numberByteCount
        if let values {
            plane.value_storage = NUTHATCH_STORAGE_CODES
            (plane.value_coding, valueByteCount) = values.layout(
                slots: slots, dimension: valueDimension, holdsKeys: false)
        }
        return (plane, plane.value_offset + valueByteCount)
    }
}
