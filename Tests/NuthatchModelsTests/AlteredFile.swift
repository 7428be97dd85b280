import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport

/// A golden model's files, written again with something changed.
struct AlteredFile {
    let path: String
    /// Keeps it.
    private let directory: TemporaryDirectory

    /// A GGUF file.
    ///
    /// - Parameters:
    ///   - keys: that are left out.
    ///   - formats: of tensors whose names end so; others keep theirs.
    ///   - added: tensors of F32, with one number all over.
    ///   - shapes: that tensors claim to have, of as many elements.
    init(
        _ path: String, without keys: Set<String> = [], formats: [String: ElementFormat] = [:],
        shapes: [String: [Int]] = [:], adding added: [(name: String, shape: [Int], value: Float)] = [],
        _ set: (inout GGUFFields) -> Void = { _ in }
    ) throws {
        let checkpoint = try Checkpoint.open(path)
        guard case .gguf(let file) = checkpoint else { preconditionFailure("\(path) is a GGUF file") }
        var fields = GGUFFields()
        try fields.copy(file.metadata) { !keys.contains($0) }
        set(&fields)
        let tensors = checkpoint.tensors.map { tensor in
            guard case .readable(let stored) = tensor.format else {
                preconditionFailure("goldens are readable")
            }
            return GGUFLayout.Tensor(
                name: tensor.name,
                format: formats.first { tensor.name.hasSuffix($0.key) }?.value ?? stored,
                shape: shapes[tensor.name] ?? tensor.shape)
        }
        let all = tensors + added.map { GGUFLayout.Tensor(name: $0.name, format: .f32, shape: $0.shape) }
        let layout = try GGUFLayout(fields, tensors: all, file: "test")
        var bytes = layout.header + [UInt8](repeating: 0, count: layout.byteCount - layout.header.count)
        for (tensor, range) in zip(all, layout.ranges) {
            let value = added.first { $0.name == tensor.name }?.value
            let values =
                try value.map { Array(repeating: $0, count: tensor.shape.reduce(1, *)) }
                ?? checkpoint.floats(named: tensor.name)
            bytes.withUnsafeMutableBytes { bytes in
                values.withUnsafeBufferPointer {
                    tensor.format.encode($0, into: UnsafeMutableRawBufferPointer(rebasing: bytes[range]))
                }
            }
        }
        directory = try TemporaryDirectory()
        self.path = try directory.write(bytes, as: "model.gguf")
    }

    /// A Hugging Face directory with another config.json.
    init(directory path: String, _ change: (inout [String: Any]) -> Void) throws {
        directory = try TemporaryDirectory()
        self.path = directory.path
        for name in ["config.json", "model.safetensors"] {
            var data = try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
            if name == "config.json",
                var config = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            {
                change(&config)
                data = try JSONSerialization.data(withJSONObject: config)
            }
            try directory.write(Array(data), as: name)
        }
    }

    func checkpoint() throws -> Checkpoint { try Checkpoint.open(path) }
}
