import NuthatchTensors

/// A GGUF file, version 2 or 3, little-endian, memory-mapped.
package final class GGUFFile: Sendable {
    /// 2 or 3.
    package let version: UInt32
    package let metadata: GGUFMetadata
    let tensors: TensorTable
    /// Bytes before the padding that precedes the first tensor.
    let headerByteCount: Int

    /// Maps the file at `path` and checks its header: everything but the tensors' own bytes.
    package init(path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        let header = try GGUFHeader(file)
        version = header.version
        metadata = header.metadata
        headerByteCount = header.byteCount
        tensors = try Self.makeTable(header, file: file)
    }

    package var path: String { tensors.file.path }

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
        return try TensorTable(file: file, entries: entries)
    }

    private static func makeEntry(
        _ info: GGUFHeader.TensorInfo, end: UInt64?, dataOffset: Int, file: MappedFile
    ) throws(CheckpointError) -> TensorTable.Entry {
        let available = UInt64(max(0, file.byteCount - dataOffset))
        let format = TensorFormat(ggmlType: info.type)
        let byteCount: UInt64
        switch format {
        case .readable(let element):
            // Whole blocks are checked by the table; rounded down here, the mismatch shows there.
            byteCount = UInt64(info.elementCount / element.blockLength * element.blockByteCount)
        case .unsupported:
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
