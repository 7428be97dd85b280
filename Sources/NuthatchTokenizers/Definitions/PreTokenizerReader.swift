import NuthatchCheckpoints

/// Reads `pre_tokenizer` of a tokenizer.json.
struct PreTokenizerReader {
    let file: String

    struct Result {
        var steps: [PreTokenizer] = []
        /// The last step spells bytes as characters; it is left out, and merges start from the bytes.
        var endsInBytes = false
    }

    func read(_ field: JSONField?) throws(TokenizerError) -> Result {
        let steps = try PipelineStep.steps(field, "pretokenizers")
        var result = Result()
        for (index, step) in steps.enumerated() {
            if step.type == "ByteLevel" {
                let isLast = index == steps.count - 1
                result.steps += try byteLevel(step, spellsBytes: !isLast)
                result.endsInBytes = isLast
            } else {
                result.steps.append(try preTokenizer(step))
            }
        }
        return result
    }

    private func byteLevel(_ step: PipelineStep, spellsBytes: Bool) throws(TokenizerError) -> [PreTokenizer] {
        var steps: [PreTokenizer] = []
        if try step.bool("add_prefix_space", default: true) { steps.append(.spacePrefix) }
        if try step.bool("use_regex", default: true) {
            steps.append(.split(.gpt2, .isolated, isInverted: false))
        }
        if spellsBytes { steps.append(.byteAlphabet(ByteAlphabet())) }
        return steps
    }

    private func preTokenizer(_ step: PipelineStep) throws(TokenizerError) -> PreTokenizer {
        switch step.type {
        case "Split":
            return .split(
                try step.pattern(), try behavior(step), isInverted: try step.bool("invert", default: false))
        case "Digits":
            let isIndividual = try step.bool("individual_digits", default: false)
            return .split(.number, isIndividual ? .isolated : .contiguous, isInverted: false)
        case "Punctuation":
            return .split(.punctuation, try behavior(step, default: .isolated), isInverted: false)
        case "WhitespaceSplit": return .split(.whitespace, .removed, isInverted: false)
        case "Whitespace": return .split(try pattern(#"\w+|[^\w\s]+"#, step), .removed, isInverted: true)
        case "CharDelimiterSplit":
            return .split(.literal(Array(try step.string("delimiter").utf8)), .removed, isInverted: false)
        case "Metaspace": return try MetaspaceField(step).preTokenizer
        default:
            throw step.unsupported(
                "Split, ByteLevel, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit, Metaspace, "
                    + "Sequence")
        }
    }

    private func pattern(_ pattern: String, _ step: PipelineStep) throws(TokenizerError) -> SplitPattern {
        do {
            return try SplitPattern(pattern)
        } catch {
            throw .unsupportedPattern(
                file: file, field: step.field.path, pattern: pattern, reason: error.reason)
        }
    }

    private func behavior(
        _ step: PipelineStep, default value: SplitBehavior? = nil
    ) throws(TokenizerError) -> SplitBehavior {
        if let value, step.field["behavior"] == nil { return value }
        let name = try step.string("behavior")
        guard let behavior = SplitBehavior(rawValue: name) else {
            throw .unsupported(
                file: file, field: "\(step.field.path).behavior", value: name,
                supported: SplitBehavior.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return behavior
    }
}
