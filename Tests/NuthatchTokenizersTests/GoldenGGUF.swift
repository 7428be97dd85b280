import NuthatchCheckpoints
import Testing

/// A golden tokenizer.json's small vocabulary, written as GGUF metadata the way llama.cpp's converter does.
struct GoldenGGUF {
    var pieces: [String]
    var kinds: [Int32]
    var merges: [String]
    var special: [String: Int] = [:]

    init(_ name: String) throws {
        let json = try TokenizerGoldens.json("\(name)/tokenizer.json").value
        let model = try #require(json["model"])
        let vocabulary = try #require(model["vocab"]?.object)
        let added = json["added_tokens"]?.array ?? []
        let addedIDs = added.compactMap { $0["id"]?.integer }
        let count = max(vocabulary.compactMap { $0.value.integer }.max() ?? 0, addedIDs.max() ?? 0) + 1
        pieces = Array(repeating: "", count: count)
        kinds = Array(repeating: 1, count: count)
        for member in vocabulary {
            let id = try #require(member.value.integer)
            pieces[id] = member.key
            if member.key.hasPrefix("<0x"), member.key.utf8.count == 6 { kinds[id] = 6 }
        }
        for token in added {
            let (id, content) = (try #require(token["id"]?.integer), try #require(token["content"]?.string))
            pieces[id] = content
            kinds[id] = content == "<unk>" ? 2 : token["special"]?.bool == true ? 3 : 4
            special[content] = id
        }
        merges = try #require(model["merges"]?.array).map { rule in
            rule.string ?? (rule.array ?? []).compactMap(\.string).joined(separator: " ")
        }
    }

    /// Each piece scored by the first rule that makes it, as SentencePiece numbers them; others come last.
    var scores: [Float] {
        var scores = pieces.indices.map { Float(-100_000 - $0) }
        var places: [ExactKey: Int] = [:]
        for (id, piece) in pieces.enumerated() { places[ExactKey(piece)] = id }
        for (rank, rule) in merges.enumerated().reversed() {
            let merged = rule.split(separator: " ").joined()
            if let id = places[ExactKey(merged)] { scores[id] = Float(-rank) }
        }
        return scores
    }

    func writer(model: String, preTokenizer: String?) -> GGUFWriter {
        var writer = GGUFWriter()
        writer.set("general.architecture", .string("llama"))
        writer.set("tokenizer.ggml.model", .string(model))
        if let preTokenizer { writer.set("tokenizer.ggml.pre", .string(preTokenizer)) }
        writer.set("tokenizer.ggml.tokens", .strings(pieces))
        writer.set("tokenizer.ggml.token_type", .integers(kinds))
        if model == "llama" {
            writer.set("tokenizer.ggml.scores", .floats(scores))
        } else {
            writer.set("tokenizer.ggml.merges", .strings(merges))
        }
        return writer
    }
}
