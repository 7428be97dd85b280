import NuthatchTensors

extension Checkpoint {
    /// Whether two tensors have one shape and the same numbers; false where either is missing.
    ///
    /// Numbers of two formats are the same where both are floats of equal value, which float32 holds exactly: so
    /// transformers compares them, with both in the type that it loads. Codes of blocks are so only in one format, byte by
    /// byte. Each pair is read once, however often it is asked for.
    package func holdsSame(_ name: String, as other: String) -> Bool {
        guard let (table, entry) = find(name), let (otherTable, otherEntry) = find(other),
            entry.description.shape == otherEntry.description.shape
        else { return false }
        let (format, otherFormat) = (entry.description.format, otherEntry.description.format)
        guard format == otherFormat || (format.float != nil && otherFormat.float != nil) else { return false }
        return tensorTables.comparisons.holdsSame(name, other) {
            defer {
                release(tensorNamed: name)
                release(tensorNamed: other)
            }
            let (bytes, otherBytes) = (table.bytes(of: entry), otherTable.bytes(of: otherEntry))
            if format == otherFormat, Self.areEqual(bytes, otherBytes) { return true }
            guard let float = format.float, let otherFloat = otherFormat.float else { return false }
            return Self.areEqual(bytes, float, otherBytes, otherFloat)
        }
    }

    private static func areEqual(_ bytes: UnsafeRawBufferPointer, _ others: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == others.count else { return false }
        var offset = 0
        while bytes.count - offset >= 8 {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard word == others.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
            offset += 8
        }
        return bytes[offset...].elementsEqual(others[offset...])
    }

    /// Whether floats of two formats have equal values, one after another; no number is equal to one that is none.
    private static func areEqual(
        _ bytes: UnsafeRawBufferPointer, _ format: ElementFormat,
        _ others: UnsafeRawBufferPointer, _ otherFormat: ElementFormat
    ) -> Bool {
        // As many as stay in the nearest cache.
        let stepCount = 2048
        let (size, otherSize) = (format.blockByteCount, otherFormat.blockByteCount)
        let count = bytes.count / size
        guard count == others.count / otherSize else { return false }
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * stepCount) { scratch in
            for start in stride(from: 0, to: count, by: stepCount) {
                let end = min(start + stepCount, count)
                let values = UnsafeMutableBufferPointer(rebasing: scratch[..<(end - start)])
                let otherValues = UnsafeMutableBufferPointer(
                    rebasing: scratch[(end - start)..<2 * (end - start)])
                format.decode(
                    UnsafeRawBufferPointer(rebasing: bytes[start * size..<end * size]), into: values)
                otherFormat.decode(
                    UnsafeRawBufferPointer(rebasing: others[start * otherSize..<end * otherSize]),
                    into: otherValues)
                guard values.elementsEqual(otherValues) else { return false }
            }
            return true
        }
    }
}

extension TensorFormat {
    /// The format where it is one of plain floats.
    fileprivate var float: ElementFormat? {
        guard case .readable(let format) = self, format.blockLength == 1 else { return nil }
        return format
    }
}
