import Foundation

/// A tiny encoder-decoder of NuthatchModelsTests with a tokenizer, and what transformers answers with both; made by
/// Scripts/goldens/answers.py.
package struct EncoderDecoderAnswers: Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name }

    package static let all = ["t5-gated", "bart-scaled", "marian-shared"].map { EncoderDecoderAnswers($0) }

    package struct Golden: Decodable {
        package let texts: [String]
        package let sources: [[Int32]]
        package let answers: [[Int32]]
        package let answerTexts: [String]
        /// Without what generation_config.json says of ends and words that never come.
        package let free: [[Int32]]
    }

    package var description: String { name }

    private func path(_ room: String, _ file: String) -> String {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return tests.appending(path: "\(room)/Goldens/\(name)/\(file)").path(percentEncoded: false)
    }

    private func read(_ room: String, _ file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(room, file))))
    }

    package func golden() throws -> Golden {
        try JSONDecoder().decode(Golden.self, from: Data(read("NuthatchGenerationTests", "golden.json")))
    }

    /// The checkpoint with its tokenizer, in one directory.
    package func write() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for file in ["config.json", "model.safetensors"] {
            try directory.write(try read("NuthatchModelsTests", file), as: file)
        }
        for file in ["tokenizer.json", "tokenizer_config.json", "generation_config.json"] {
            try directory.write(try read("NuthatchGenerationTests", file), as: file)
        }
        return directory
    }

    /// The GGUF file of the same weights, which has a tokenizer of its own.
    package var gguf: String { path("NuthatchModelsTests", "model.gguf") }
}
