import NuthatchCheckpoints

/// Reads `normalizer` of a tokenizer.json.
struct NormalizerReader {
    let file: String

    func read(_ field: JSONField?) throws(TokenizerError) -> [Normalizer] {
        var normalizers: [Normalizer] = []
        for step in try PipelineStep.steps(field, "normalizers") { normalizers.append(try normalizer(step)) }
        return normalizers
    }

    private func normalizer(_ step: PipelineStep) throws(TokenizerError) -> Normalizer {
        if let form = UnicodeNormalizer.Form(rawValue: step.type) { return .unicode(UnicodeNormalizer(form)) }
        switch step.type {
        case "Lowercase": return .lowercase
        case "StripAccents": return .stripAccents
        case "Strip":
            return .strip(
                left: try step.bool("strip_left", default: true),
                right: try step.bool("strip_right", default: true))
        case "Nmt": return .nmt
        case "Precompiled": return .characterMap(try CharacterMapReader(step).map())
        case "Prepend": return .prepend(Array(try step.string("prepend").utf8))
        case "Replace": return .replace(try step.pattern(), with: Array(try step.string("content").utf8))
        default:
            throw step.unsupported(
                "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Nmt, Precompiled, Prepend, Replace, "
                    + "Sequence")
        }
    }
}
