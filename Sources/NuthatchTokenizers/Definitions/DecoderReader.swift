import NuthatchCheckpoints
import NuthatchTensors

/// Reads `decoder` of a tokenizer.json and applies it to each piece once, so that decoding is concatenation.
struct DecoderReader {
    let file: String

    private enum Step {
        case byteAlphabet
        case byteFallback
        case replace([UInt8], with: [UInt8])
    }

    func read(
        _ field: JSONField?, _ pieces: PieceTable, _ added: [AddedToken]
    ) throws(TokenizerError) -> TokenizerDefinition.Decoding {
        var decoding = TokenizerDefinition.Decoding()
        let steps = try read(field, &decoding.leadingSpace)
        let alphabet = ByteAlphabet()
        var isAdded = [Bool](repeating: false, count: pieces.count)
        for token in added { isAdded[Int(token.id)] = true }
        decoding.bytes = PieceDecoding.decode(pieces) { id, piece, bytes in
            var current = Array(piece)
            for step in steps {
                var next: [UInt8] = []
                switch step {
                case .byteAlphabet:
                    // Added tokens are written as they are, not spelled in bytes.
                    if isAdded[id] || !alphabet.bytes(spelledBy: current[...], into: &next) { next = current }
                case .byteFallback:
                    next = TokenKind.byte(spelledBy: current[...]).map { [$0] } ?? current
                case .replace(let pattern, let replacement):
                    PieceDecoding.append(current[...], replacing: pattern, with: replacement, to: &next)
                }
                current = next
            }
            bytes = current
        }
        return decoding
    }

    private func read(
        _ field: JSONField?, _ leadingSpace: inout TokenizerDefinition.Decoding.LeadingSpace
    ) throws(TokenizerError) -> [Step] {
        var steps: [Step] = []
        var isFused = false
        for step in try PipelineStep.steps(field, "decoders") {
            switch step.type {
            case "ByteLevel": steps.append(.byteAlphabet)
            case "ByteFallback": steps.append(.byteFallback)
            case "Fuse": isFused = true
            case "Replace":
                guard case .literal(let pattern) = try step.pattern() else {
                    throw .unsupported(
                        file: file, field: "\(step.field.path).pattern", value: "Regex", supported: "String")
                }
                steps.append(.replace(pattern, with: Array(try step.string("content").utf8)))
            case "Strip":
                try checkStrip(step, isFused: isFused)
                leadingSpace = .firstDropped
            case "Metaspace":
                let metaspace = try MetaspaceField(step)
                if metaspace.prefix != .never { leadingSpace = .marksOfFirstPieceDropped }
                steps.append(.replace(metaspace.replacement, with: [UInt8(ascii: " ")]))
            default:
                throw step.unsupported("ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, Sequence")
            }
        }
        return steps
    }

    /// The one form in use: after Fuse, a single space from the start.
    private func checkStrip(_ step: PipelineStep, isFused: Bool) throws(TokenizerError) {
        let (content, start, stop) = try TokenizerError.wrapping { () throws(CheckpointError) in
            (
                try step.field.string("content"), try step.field.integer("start"),
                try step.field.integer("stop")
            )
        }
        guard isFused, content == " ", start == 1, stop == 0 else {
            throw .unsupported(
                file: file, field: step.field.path, value: "Strip \"\(content)\" \(start) \(stop)",
                supported: "one space from the start, after Fuse")
        }
    }
}
