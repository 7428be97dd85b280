import Foundation
import NuthatchCheckpoints
import NuthatchTokenizers
import Testing

/// Vocabularies of published models with texts and their ids, as llama.cpp ships them; not a part of this
/// repository. NUTHATCH_TOKENIZER_VECTORS names their folder.
private let vectorFolder = ProcessInfo.processInfo.environment["NUTHATCH_TOKENIZER_VECTORS"]

@Suite struct PublishedVectorTests {
    @Test(
        .enabled(if: vectorFolder != nil),
        arguments: ["gpt-2", "llama-bpe", "llama-spm", "phi-3", "qwen2", "starcoder"])
    func encodesEveryPublishedVectorExactly(_ name: String) throws {
        let path = "\(try #require(vectorFolder))/ggml-vocab-\(name).gguf"
        let tokenizer = try Tokenizer(gguf: try GGUFFile(path: path))
        let texts = try String(contentsOfFile: "\(path).inp", encoding: .utf8)
            .components(separatedBy: "\n__ggml_vocab_test__\n")
        let lines = try String(contentsOfFile: "\(path).out", encoding: .utf8).components(separatedBy: "\n")
        #expect(texts.count > 40)
        for (text, line) in zip(texts, lines) {
            let expected = line.split(separator: " ").compactMap { Int32($0) }
            let ids = try tokenizer.encode(text, addsSpecialTokens: false, parsesSpecialTokens: false)
            #expect(ids == expected, "\(name): \(text.debugDescription)")
            #expect(tokenizer.decode(ids) == text, "\(name): \(text.debugDescription)")
        }
    }
}
