import NuthatchCheckpoints

/// A step of type Metaspace, the same as pre-tokenizer and as decoder.
struct MetaspaceField {
    let replacement: [UInt8]
    let prefix: PreTokenizer.MetaspacePrefix
    let splits: Bool

    init(_ step: PipelineStep) throws(TokenizerError) {
        replacement = Array(try step.string("replacement").utf8)
        splits = try step.bool("split", default: true)
        if step.field["prepend_scheme"] == nil {
            // Files from before 2024.
            prefix = try step.bool("add_prefix_space", default: true) ? .always : .never
        } else {
            let name = try step.string("prepend_scheme")
            guard let prefix = PreTokenizer.MetaspacePrefix(rawValue: name) else {
                throw .unsupported(
                    file: step.field.file, field: "\(step.field.path).prepend_scheme", value: name,
                    supported: PreTokenizer.MetaspacePrefix.allCases.map(\.rawValue).joined(separator: ", "))
            }
            self.prefix = prefix
        }
    }

    var preTokenizer: PreTokenizer { .metaspace(replacement: replacement, prefix, splits: splits) }
}
