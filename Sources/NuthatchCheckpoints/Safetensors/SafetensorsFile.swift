import NuthatchTensors

/// A safetensors file, memory-mapped.
///
/// ```
/// header byte count u64, little-endian | header: one JSON object | tensor bytes
/// header: { "name": { "dtype": "BF16", "shape": [outputs, inputs], "data_offsets": [begin, end] }, ...,
///           "__metadata__": { "format": "pt" } }
/// ```
/// Offsets count from the header's end. Tensors cover the bytes after it without gap or overlap.
/// Source: the format's own README (huggingface/safetensors).
struct SafetensorsFile: Sendable {
    let tensors: TensorTable
    let headerByteCount: Int

    init(path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        // What took the weights' place under their name: a pointer to them, a page that says they aren't here.
        if !FileContent.isSafetensors(file.bytes), let content = ForeignContent(file.bytes, name: path) {
            throw .foreign(path: path, content: content)
        }
        var cursor = ByteCursor(file)
        let claimedByteCount = try cursor.integer("the header's length", as: UInt64.self)
        guard claimedByteCount <= CheckpointLimit.safetensorsHeaderByteCount.maximum else {
            throw .limitExceeded(
                file: path, limit: .safetensorsHeaderByteCount, value: claimedByteCount, field: "the header")
        }
        let start = cursor.offset
        try cursor.skip(claimedByteCount, "the header")
        headerByteCount = cursor.offset
        let header = try JSONParser.parse(
            UnsafeRawBufferPointer(rebasing: file.bytes[start..<headerByteCount]), file: path,
            repeatedKeys: .refused)
        tensors = try Self.makeTable(header, dataOffset: headerByteCount, file: file)
    }

    private static func makeTable(
        _ header: JSONValue, dataOffset: Int, file: MappedFile
    ) throws(CheckpointError) -> TensorTable {
        guard let object = header.object else {
            throw JSONField(header, file: file.path).wrongType(expected: "an object")
        }
        var entries: [TensorTable.Entry] = []
        entries.reserveCapacity(object.count)
        for member in object where member.key != "__metadata__" {
            let field = JSONField(member.value, file: file.path, path: member.key)
            entries.append(try makeEntry(field, name: member.key, dataOffset: dataOffset, file: file))
        }
        entries.sort { $0.range.lowerBound < $1.range.lowerBound }
        try checkCovering(entries, dataOffset: dataOffset, file: file)
        return try TensorTable(file: file, entries: entries)
    }

    private static func makeEntry(
        _ field: JSONField, name: String, dataOffset: Int, file: MappedFile
    ) throws(CheckpointError) -> TensorTable.Entry {
        guard name.utf8.count <= CheckpointLimit.tensorNameByteCount.maximum else {
            throw .limitExceeded(
                file: file.path, limit: .tensorNameByteCount, value: UInt64(name.utf8.count),
                field: "tensor \(CheckpointError.excerpt(name))")
        }
        let shape = try field.integers("shape")
        guard shape.count <= CheckpointLimit.dimensionCount.maximum else {
            throw .limitExceeded(
                file: file.path, limit: .dimensionCount, value: UInt64(shape.count), field: "tensor \(name)")
        }
        guard shape.allSatisfy({ $0 >= 0 }) else {
            throw .malformed(
                file: file.path, field: "tensor \(name)", reason: "a dimension of \(shape) is negative")
        }
        let elementCount = try TensorDescription.elementCount(shape, file: file.path, tensor: name)
        let range = try readRange(field, name: name, dataOffset: dataOffset, file: file)
        let type = try field.string("dtype")
        let format = TensorFormat(safetensorsType: type)
        if let bitCount = TensorFormat.safetensorsBitCounts[type] {
            // No overflow: 2^56 elements of 64 bits are the most.
            let (bits, remainder) = (elementCount * bitCount, elementCount * bitCount % 8)
            guard remainder == 0, bits / 8 == range.count else {
                throw .malformed(
                    file: file.path, field: "tensor \(name)",
                    reason:
                        "\(Counted.text(range.count, "byte")) \(Counted.are(range.count)) not those of shape \(shape) in \(type)"
                )
            }
        }
        let description = TensorDescription(name: name, format: format, shape: shape, byteCount: range.count)
        return TensorTable.Entry(description: description, range: range)
    }

    private static func readRange(
        _ field: JSONField, name: String, dataOffset: Int, file: MappedFile
    ) throws(CheckpointError) -> Range<Int> {
        let offsets = try field.integers("data_offsets")
        guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
            throw .malformed(
                file: file.path, field: "tensor \(name)",
                reason: "its data_offsets \(offsets.prefix(4)) are no range [begin, end]")
        }
        guard offsets[1] <= file.byteCount - dataOffset else {
            let (expected, overflow) = UInt64(offsets[1]).addingReportingOverflow(UInt64(dataOffset))
            throw .truncated(
                file: file.path, part: "tensor \(name)", expectedByteCount: overflow ? .max : expected,
                actualByteCount: file.byteCount)
        }
        return dataOffset + offsets[0]..<dataOffset + offsets[1]
    }

    /// `entries` are sorted by offset; overlaps are the table's to find.
    private static func checkCovering(
        _ entries: [TensorTable.Entry], dataOffset: Int, file: MappedFile
    ) throws(CheckpointError) {
        var end = dataOffset
        for entry in entries {
            guard entry.range.lowerBound <= end else {
                throw .malformed(
                    file: file.path, field: "tensor \(entry.description.name)",
                    reason:
                        "no tensor covers the \(Counted.text(entry.range.lowerBound - end, "byte")) before it"
                )
            }
            end = max(end, entry.range.upperBound)
        }
        guard end == file.byteCount else {
            throw .malformed(
                file: file.path, field: "the end",
                reason: "no tensor covers the last \(Counted.text(file.byteCount - end, "byte"))")
        }
    }
}

extension TensorFormat {
    /// Bits of an element of each type that the format defines.
    fileprivate static let safetensorsBitCounts = [
        "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
        "F8_E8M0": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64,
        "I64": 64, "U64": 64, "F64": 64,
    ]

    init(safetensorsType type: String) {
        self =
            switch type {
            case "F32": .readable(.f32)
            case "F16": .readable(.f16)
            case "BF16": .readable(.bf16)
            default: .unsupported(CheckpointError.excerpt(type))
            }
    }
}
