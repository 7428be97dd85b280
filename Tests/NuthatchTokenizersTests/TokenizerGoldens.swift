import Foundation
import NuthatchCheckpoints
import NuthatchTokenizers

/// The committed goldens, made by Scripts/goldens/tokenizer_vectors.py and unigram_vectors.py.
enum TokenizerGoldens {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens")

    static let names = [
        "gpt2", "smollm", "llama3", "qwen2", "o200k", "deepseek3", "deepseek2", "falcon", "llama2", "mistral",
        "gemma", "metaspace", "characters", "t5", "unigram-bytes", "unigram-first",
    ]

    static func json(_ path: String) throws -> JSONField {
        let file = folder.appending(path: path).path
        return JSONField(
            try JSONParser.parse(try String(contentsOfFile: file, encoding: .utf8), file: file), file: file)
    }

    static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(
            json: json("\(name)/tokenizer.json"), configuration: json("\(name)/tokenizer_config.json"))
    }

    /// The texts of corpus.json, those given as unit and count written out.
    static func corpus() throws -> [String] {
        try json("corpus.json").value.array.map { entries in
            entries.map { entry in
                if let text = entry.string { return text }
                let unit = entry["unit"]?.string ?? ""
                return String(repeating: unit, count: entry["count"]?.integer ?? 0)
            }
        } ?? []
    }

    /// Ids as the script writes them: `1,2*300 7*5 9`.
    static func ids(_ text: String) -> [Int32] {
        text.split(separator: " ").flatMap { word in
            let parts = word.split(separator: "*")
            let block = parts[0].split(separator: ",").compactMap { Int32($0) }
            let count = parts.count > 1 ? Int(parts[1]) ?? 0 : 1
            return Array(repeating: block, count: count).flatMap { $0 }
        }
    }
}

extension String {
    /// The text, or its beginning, so that a failure with 100 kB of text stays readable.
    var excerpt: String { String(prefix(80)).debugDescription }
}
