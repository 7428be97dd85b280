import NuthatchTensors

/// One GGUF file, mapped and its header checked.
struct GGUFPart: Sendable {
    /// 2 or 3.
    let version: UInt32
    let metadata: GGUFMetadata
    let tensors: TensorTable
    /// Bytes before the padding that precedes the first tensor.
    let headerByteCount: Int

    init(path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        let header = try GGUFHeader(file)
        version = header.version
        metadata = header.metadata
        headerByteCount = header.byteCount
        tensors = try Self.makeTable(header, file: file)
    }

    var path: String { tensors.file.path }

    /// Offsets count from the first multiple of the alignment at or after the header's end.
    private static func makeTable(_ header: GGUFHeader, file: MappedFile) throws(CheckpointError)
        -> TensorTable
    {
        let alignment = try readAlignment(header.metadata)
        // No overflow: the header lies within the file and the alignment is at most 1 GiB.
        let dataOffset = (header.byteCount + alignment - 1) / alignment * alignment
        let ends = endsOfTensors(header.tensors)
        var entries: [TensorTable.Entry] = []
        entries.reserveCapacity(header.tensors.count)
        for (info, end) in zip(header.tensors, ends) {
            guard info.offset % UInt64(alignment) == 0 else {
                throw .misalignedTensor(
                    file: file.path, tensor: info.name, offset: info.offset, alignment: alignment)
            }
            entries.append(try makeEntry(info, end: end, dataOffset: dataOffset, file: file))
        }
        let table = try TensorTable(file: file, entries: entries)
        try table.checkGaps(from: dataOffset, alignment: alignment)
        return table
    }

    private static func makeEntry(
        _ info: GGUFHeader.TensorInfo, end: UInt64?, dataOffset: Int, file: MappedFile
    ) throws(CheckpointError) -> TensorTable.Entry {
        let available = UInt64(max(0, file.byteCount - dataOffset))
        let format = TensorFormat(ggmlType: info.type)
        let byteCount: UInt64
        if let block = format.ggmlBlock(type: info.type) {
            // Whole blocks are checked by the table; rounded down here, the mismatch shows there.
            byteCount = UInt64(info.elementCount / block.length * block.byteCount)
        } else {
            byteCount = max(info.offset, end ?? available) - info.offset
        }
        let (upper, overflow) = info.offset.addingReportingOverflow(byteCount)
        guard !overflow, upper <= available else {
            let (expected, carry) = upper.addingReportingOverflow(UInt64(dataOffset))
            throw .truncated(
                file: file.path, part: "tensor \(info.name)",
                expectedByteCount: overflow || carry ? .max : expected, actualByteCount: file.byteCount)
        }
        // Both bounds are at most `available`, so they fit Int.
        let range = dataOffset + Int(info.offset)..<dataOffset + Int(upper)
        let description = TensorDescription(
            name: info.name, format: format, shape: info.dimensions.reversed(), byteCount: range.count)
        return TensorTable.Entry(description: description, range: range)
    }

    /// For each tensor the offset of the next one behind it; nil for the last.
    private static func endsOfTensors(_ tensors: [GGUFHeader.TensorInfo]) -> [UInt64?] {
        let order = tensors.indices.sorted { tensors[$0].offset < tensors[$1].offset }
        var ends: [UInt64?] = Array(repeating: nil, count: tensors.count)
        for (place, next) in zip(order, order.dropFirst()) { ends[place] = tensors[next].offset }
        return ends
    }

    private static func readAlignment(_ metadata: GGUFMetadata) throws(CheckpointError) -> Int {
        // 32 is the specification's default.
        let key = "general.alignment"
        let alignment = try metadata.optionalInteger(key) ?? 32
        guard alignment > 0, alignment & (alignment - 1) == 0 else {
            throw .malformed(
                file: metadata.file.path, field: key, reason: "\(alignment) is no power of two")
        }
        guard alignment <= CheckpointLimit.alignment.maximum else {
            throw .limitExceeded(
                file: metadata.file.path, limit: .alignment, value: UInt64(alignment), field: key)
        }
        return alignment
    }
}

extension TensorTable {
    /// Holds the tensors' places against the rule of the reference reader: each begins at the first multiple of the
    /// alignment behind the one before it, and nothing but padding follows the last. A tensor whose type takes fewer
    /// bytes than its numbers have would leave a gap otherwise, and be read as other numbers.
    fileprivate func checkGaps(from dataOffset: Int, alignment: Int) throws(CheckpointError) {
        guard !entries.isEmpty else { return }
        func malformed(_ field: String, _ reason: String) -> CheckpointError {
            .malformed(file: file.path, field: field, reason: reason)
        }
        var end = dataOffset
        let sorted = entries.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for entry in sorted {
            // Both lie within the file, and so does an alignment of it; overlaps were found before.
            let begin = (end + alignment - 1) / alignment * alignment
            guard entry.range.lowerBound <= begin else {
                throw malformed(
                    "tensor \(entry.description.name)",
                    "no tensor covers the \(Counted.text(entry.range.lowerBound - begin, "byte")) before it, so a type or a shape is "
                        + "not that of its numbers")
            }
            end = entry.range.upperBound
        }
        let padded = (end + alignment - 1) / alignment * alignment
        guard file.byteCount <= padded else {
            throw malformed(
                "the end", "no tensor covers the last \(Counted.text(file.byteCount - padded, "byte"))")
        }
    }
}
