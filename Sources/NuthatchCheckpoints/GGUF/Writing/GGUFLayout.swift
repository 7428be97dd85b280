package import NuthatchTensors

/// A GGUF file before its tensors' bytes: the header, encoded, and where each tensor will lie.
///
/// Version 3, alignment 32 (see `GGUFHeader` for the drawing). Pure: the same tensors and fields give the same bytes.
package struct GGUFLayout: Sendable {
    package struct Tensor: Sendable, Equatable {
        package var name: String
        package var format: ElementFormat
        /// Outermost dimension first.
        package var shape: [Int]

        package init(name: String, format: ElementFormat, shape: [Int]) {
            self.name = name
            self.format = format
            self.shape = shape
        }
    }

    /// Up to the first tensor, padding included.
    package let header: [UInt8]
    package let tensors: [Tensor]
    /// Where the bytes of each tensor lie in the file.
    package let ranges: [Range<Int>]
    package let byteCount: Int

    /// The specification's default, which needs no field of its own.
    static let alignment = 32

    /// - Precondition: rows are whole blocks.
    /// - Throws: `CheckpointError.limitExceeded` for sizes that no file can have.
    package init(_ fields: GGUFFields, tensors: [Tensor], file: String) throws(CheckpointError) {
        var header = Array("GGUF".utf8)
        GGUFFields.append(UInt32(3), to: &header)
        GGUFFields.append(UInt64(tensors.count), to: &header)
        GGUFFields.append(UInt64(fields.pairs.count), to: &header)
        for (key, type, bytes) in fields.pairs {
            GGUFFields.append(key, to: &header)
            GGUFFields.append(type.rawValue, to: &header)
            header += bytes
        }
        var offset = 0
        var relative: [Range<Int>] = []
        for tensor in tensors {
            let elementCount = try TensorDescription.elementCount(
                tensor.shape, file: file, tensor: tensor.name)
            guard let byteCount = tensor.format.byteCount(elementCount: elementCount) else {
                throw .wrongShape(
                    file: file, tensor: tensor.name,
                    expected: "whole blocks of \(Counted.text(tensor.format.blockLength, "element"))",
                    found: tensor.shape)
            }
            relative.append(offset..<offset + byteCount)
            GGUFFields.append(tensor.name, to: &header)
            GGUFFields.append(UInt32(tensor.shape.count), to: &header)
            for dimension in tensor.shape.reversed() { GGUFFields.append(UInt64(dimension), to: &header) }
            GGUFFields.append(tensor.format.ggmlType, to: &header)
            GGUFFields.append(UInt64(offset), to: &header)
            offset = Self.aligned(offset + byteCount)
        }
        header += [UInt8](repeating: 0, count: Self.aligned(header.count) - header.count)
        let start = header.count
        self.header = header
        self.tensors = tensors
        ranges = relative.map { $0.lowerBound + start..<$0.upperBound + start }
        byteCount = start + offset
    }

    private static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}
