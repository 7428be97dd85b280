import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors

/// What was written.
package struct QuantizationReport: Sendable, Encodable {
    package struct FormatShare: Sendable, Encodable, Equatable {
        package let format: String
        package let tensors: Int
        package let elements: Int
        package let bytes: Int
    }

    /// Tensors whose rows are no whole number of a format's blocks.
    package struct Fallback: Sendable, Encodable, Equatable {
        package let wanted: String
        package let used: String
        package let rowLength: Int
        package let tensors: Int

        package init(wanted: String, used: String, rowLength: Int, tensors: Int) {
            self.wanted = wanted
            self.used = used
            self.rowLength = rowLength
            self.tensors = tensors
        }
    }

    package let path: String
    package let type: String
    package let sourceBytes: Int
    package let bytes: Int
    package let parameters: Int
    package let bitsPerParameter: Double
    package let formats: [FormatShare]
    package let fallbacks: [Fallback]
    package let notes: [String]

    init(
        _ source: QuantizationSource, _ plan: QuantizationPlan, _ options: Quantizer.Options, path: String,
        byteCount: Int
    ) {
        self.path = path
        type = options.type.rawValue
        sourceBytes = source.checkpoint.tensorByteCount
        bytes = byteCount
        notes = source.notes
        func elements(_ tensor: QuantizationPlan.Tensor) -> Int { tensor.shape.reduce(1, *) }
        func stored(_ tensor: QuantizationPlan.Tensor) -> Int {
            tensor.format.byteCount(elementCount: elements(tensor)) ?? 0
        }
        parameters = plan.tensors.reduce(0) { $0 + elements($1) }
        let tensorBytes = plan.tensors.reduce(0) { $0 + stored($1) }
        bitsPerParameter = Double(8 * tensorBytes) / Double(max(parameters, 1))
        formats = Dictionary(grouping: plan.tensors, by: \.format).map { format, tensors in
            FormatShare(
                format: format.rawValue, tensors: tensors.count,
                elements: tensors.reduce(0) { $0 + elements($1) },
                bytes: tensors.reduce(0) { $0 + stored($1) })
        }.sorted { ($0.bytes, $0.format) > ($1.bytes, $1.format) }
        let refused = plan.tensors.filter { $0.refused != nil }
        fallbacks = Dictionary(grouping: refused) { tensor in
            [tensor.refused?.rawValue ?? "", tensor.format.rawValue, "\(tensor.shape.last ?? 1)"]
        }.map { key, tensors in
            Fallback(
                wanted: key[0], used: key[1], rowLength: tensors[0].shape.last ?? 1, tensors: tensors.count)
        }.sorted { ($0.rowLength, $0.wanted) < ($1.rowLength, $1.wanted) }
    }
}
