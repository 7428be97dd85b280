extension GGUFHeader {
    /// Reads the infos of all tensors; what they claim about the file's other bytes is not checked here.
    static func readTensors(
        from cursor: inout ByteCursor, count: UInt64
    ) throws(CheckpointError) -> [TensorInfo] {
        // An info: the name's length, the dimension count, no dimension, type and offset.
        let count = try cursor.count(count, minimumByteCount: 8 + 4 + 4 + 8, "the tensor infos")
        var tensors: [TensorInfo] = []
        tensors.reserveCapacity(count)
        for index in 0..<count { tensors.append(try readTensor(from: &cursor, index: index)) }
        return tensors
    }

    private static func readTensor(
        from cursor: inout ByteCursor, index: Int
    ) throws(CheckpointError) -> TensorInfo {
        let name = try cursor.string(limit: .tensorNameByteCount, "the name of tensor \(index)")
        let part = "tensor \(name)"
        let dimensionCount = try cursor.integer(part, as: UInt32.self)
        guard dimensionCount <= CheckpointLimit.dimensionCount.maximum else {
            throw .limitExceeded(
                file: cursor.file, limit: .dimensionCount, value: UInt64(dimensionCount), field: part)
        }
        var dimensions: [Int] = []
        for _ in 0..<dimensionCount {
            let dimension = try cursor.integer(part, as: UInt64.self)
            guard dimension <= CheckpointLimit.elementCount.maximum else {
                throw .limitExceeded(file: cursor.file, limit: .elementCount, value: dimension, field: part)
            }
            dimensions.append(Int(dimension))
        }
        return TensorInfo(
            name: name,
            dimensions: dimensions,
            elementCount: try TensorDescription.elementCount(dimensions, file: cursor.file, tensor: name),
            type: try cursor.integer(part),
            offset: try cursor.integer(part))
    }
}
