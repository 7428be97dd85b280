import NuthatchCheckpoints

extension Checkpoint {
    /// What the header says, a line each.
    var metadataTable: String {
        let values = statedValues
        let width = values.map(\.key.count).max() ?? 0
        return values.map { stated in
            stated.key + String(repeating: " ", count: width - stated.key.count + 2) + stated.value + "\n"
        }.joined()
    }

    /// Every tensor's format and shape, in file order.
    var tensorTable: String {
        var table = TextTable(["tensor", "format", "shape", "bytes"])
        for tensor in tensors {
            table.add([
                CheckpointError.printable(tensor.name), tensor.format.name,
                tensor.shape.map(String.init).joined(separator: " x "), "\(tensor.byteCount)",
            ])
        }
        return table.text
    }
}
