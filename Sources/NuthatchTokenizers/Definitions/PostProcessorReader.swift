import NuthatchCheckpoints
import NuthatchTensors

/// Reads `post_processor` of a tokenizer.json: the ids that go before and after one text.
struct PostProcessorReader {
    let file: String
    let vocabularySize: Int

    func read(_ field: JSONField?) throws(TokenizerError) -> (prefix: [TokenID], suffix: [TokenID]) {
        var prefix: [TokenID] = []
        var suffix: [TokenID] = []
        for step in try PipelineStep.steps(field, "processors") {
            switch step.type {
            case "ByteLevel": continue
            case "TemplateProcessing":
                let (before, after) = try template(step.field)
                prefix = before + prefix
                suffix += after
            case "BertProcessing", "RobertaProcessing":
                prefix = [try pair(step.field, "cls")] + prefix
                suffix.append(try pair(step.field, "sep"))
            default:
                throw step.unsupported(
                    "ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing, Sequence")
            }
        }
        return (prefix, suffix)
    }

    private func template(_ field: JSONField) throws(TokenizerError) -> ([TokenID], [TokenID]) {
        let items = try TokenizerError.wrapping { () throws(CheckpointError) in try field.elements("single") }
        var prefix: [TokenID] = []
        var suffix: [TokenID] = []
        var isAfter = false
        for item in items {
            if item["Sequence"] != nil {
                isAfter = true
            } else {
                let name = try TokenizerError.wrapping { () throws(CheckpointError) in
                    try item.object("SpecialToken").string("id")
                }
                let ids = try ids(of: name, field)
                if isAfter { suffix += ids } else { prefix += ids }
            }
        }
        return (prefix, suffix)
    }

    private func ids(of name: String, _ field: JSONField) throws(TokenizerError) -> [TokenID] {
        guard let entry = field["special_tokens"]?[name] else {
            throw .unknownPiece(file: file, field: "\(field.path).special_tokens", piece: name)
        }
        let ids = try TokenizerError.wrapping { () throws(CheckpointError) in try entry.integers("ids") }
        var checked: [TokenID] = []
        for id in ids { checked.append(try check(id, entry.path)) }
        return checked
    }

    /// `["</s>", 2]`
    private func pair(_ field: JSONField, _ key: String) throws(TokenizerError) -> TokenID {
        guard let pair = field[key]?.value.array, pair.count == 2, let id = pair[1].integer else {
            throw .malformed(file: file, field: "\(field.path).\(key)", reason: "is not a token with its id")
        }
        return try check(id, "\(field.path).\(key)")
    }

    private func check(_ id: Int, _ field: String) throws(TokenizerError) -> TokenID {
        guard (0..<vocabularySize).contains(id) else {
            throw .idOutOfRange(file: file, field: field, id: id, vocabularySize: vocabularySize)
        }
        return TokenID(id)
    }
}
