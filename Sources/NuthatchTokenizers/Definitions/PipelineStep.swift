import NuthatchCheckpoints
import NuthatchTensors

/// One step of a pipeline in a tokenizer.json, with nested sequences laid flat.
struct PipelineStep {
    let type: String
    let field: JSONField

    /// The steps of a pipeline; `key` is what a Sequence calls its members ("normalizers").
    static func steps(_ field: JSONField?, _ key: String) throws(TokenizerError) -> [PipelineStep] {
        guard let field else { return [] }
        var steps: [PipelineStep] = []
        try append(field, key, depth: 0, to: &steps)
        return steps
    }

    private static func append(
        _ field: JSONField, _ key: String, depth: Int, to steps: inout [PipelineStep]
    ) throws(TokenizerError) {
        try VocabularyBuilder.check(depth, .nestingDepth, file: field.file, field: field.path)
        let type = try TokenizerError.wrapping { () throws(CheckpointError) in try field.string("type") }
        guard type == "Sequence" else {
            steps.append(PipelineStep(type: type, field: field))
            return
        }
        let members = try TokenizerError.wrapping { () throws(CheckpointError) in try field.elements(key) }
        for member in members { try append(member, key, depth: depth + 1, to: &steps) }
    }

    func unsupported(_ supported: String) -> TokenizerError {
        .unsupported(file: field.file, field: "\(field.path).type", value: type, supported: supported)
    }

    func string(_ key: String) throws(TokenizerError) -> String {
        try TokenizerError.wrapping { () throws(CheckpointError) in try field.string(key) }
    }

    func bool(_ key: String, default value: Bool) throws(TokenizerError) -> Bool {
        try TokenizerError.wrapping { () throws(CheckpointError) in try field.optionalBool(key) ?? value }
    }

    /// `pattern`: { "String": text } or { "Regex": pattern }.
    func pattern() throws(TokenizerError) -> SplitPattern {
        if let literal = field["pattern"]?["String"]?.value.string { return .literal(Array(literal.utf8)) }
        guard let pattern = field["pattern"]?["Regex"]?.value.string else {
            throw .malformed(
                file: field.file, field: "\(field.path).pattern", reason: "has neither String nor Regex")
        }
        do {
            return try SplitPattern(pattern)
        } catch {
            throw .unsupportedPattern(
                file: field.file, field: "\(field.path).pattern", pattern: pattern, reason: error.reason)
        }
    }
}
