import Foundation
import NuthatchCheckpoints
import NuthatchTokenizers
import Testing

/// A tokenizer.json written as GGUF metadata is the same tokenizer, or is refused.
@Suite struct TokenizerWritingTests {
    private static let refused = [
        "falcon": "no name of tokenizer.ggml.pre stands for how it splits texts",
        "metaspace": "it has no pieces <0x00> to <0xFF>",
        "characters": "it has no pieces <0x00> to <0xFF>",
        "t5": "its pieces are of a unigram model",
        "unigram-bytes": "its pieces are of a unigram model",
        "unigram-first": "its pieces are of a unigram model",
    ]

    private static let written = TokenizerGoldens.names.filter { refused[$0] == nil }

    private func write(
        _ tokenizer: Tokenizer, tokenCount: Int? = nil, endTokens: Set<Int32> = []
    ) throws -> (tokenizer: Tokenizer, metadata: GGUFMetadata, notes: [String]) {
        var fields = GGUFFields()
        fields.set("general.architecture", "llama")
        let writer = try TokenizerWriter(
            tokenizer, into: fields, tokenCount: tokenCount ?? tokenizer.vocabularySize,
            endTokens: endTokens, file: "test")
        let layout = try GGUFLayout(writer.fields, tensors: [], file: "test")
        return try withTemporaryFile(Data(layout.header)) { path in
            let file = try GGUFFile(path: path)
            return (try Tokenizer(gguf: file), file.metadata, writer.notes)
        }
    }

    @Test(arguments: written)
    func whatIsWrittenEncodesAlike(name: String) throws {
        let original = try TokenizerGoldens.tokenizer(name)
        let (copy, _, notes) = try write(original)
        // Said in a note; then only what stands behind markup differs.
        let differsBehindMarkup = notes.contains {
            $0.hasPrefix("Text that begins with a space, or stands behind")
        }
        #expect(differsBehindMarkup == (name == "mistral"))
        let matchesSpaces = notes.contains {
            $0.hasSuffix("spelled with ▁ are written, and matched, with spaces.")
        }
        #expect(matchesSpaces == (name == "gemma"))
        #expect(copy.vocabularySize == original.vocabularySize)
        #expect(copy.beginningOfSequence == original.beginningOfSequence)
        #expect(copy.endOfSequence == original.endOfSequence)
        #expect(copy.endOfTurn == original.endOfTurn)
        #expect(copy.addsBeginningOfSequence == original.addsBeginningOfSequence)
        #expect(copy.specialTokens.map(\.id) == original.specialTokens.map(\.id))
        for text in try TokenizerGoldens.corpus() {
            // ▁ is how a space is spelled, so a text may begin with one either way.
            if differsBehindMarkup, text.hasPrefix(" ") || text.hasPrefix("▁") { continue }
            if matchesSpaces, text.contains("▁") { continue }
            let ids = try original.encode(text, parsesSpecialTokens: !differsBehindMarkup)
            let copied = try copy.encode(text, parsesSpecialTokens: !differsBehindMarkup)
            #expect(copied == ids, "\(text.excerpt)")
            #expect(copy.decode(ids) == original.decode(ids), "\(text.excerpt)")
        }
        #expect(try original.agrees(with: copy, on: Tokenizer.sampleText))
    }

    @Test(arguments: refused.keys.sorted())
    func whatGGUFCannotSayIsRefused(name: String) throws {
        let original = try TokenizerGoldens.tokenizer(name)
        do {
            _ = try write(original)
            Issue.record("\(name) was written")
        } catch let error as TokenizerError {
            #expect(error.message.contains(try #require(Self.refused[name])), "\(error.message)")
        }
    }

    @Test func idsWithoutAPieceAreFilledUp() throws {
        let original = try TokenizerGoldens.tokenizer("llama2")
        let (copy, metadata, _) = try write(original, tokenCount: original.vocabularySize + 64)
        #expect(copy.vocabularySize == original.vocabularySize + 64)
        let last = Int32(copy.vocabularySize - 1)
        #expect(copy.text(of: last) == "[PAD\(last)]")
        #expect(try metadata.numbers("tokenizer.ggml.scores").count == copy.vocabularySize)
        #expect(try copy.encode("seed [PAD\(last)]") == original.encode("seed [PAD\(last)]"))
    }

    @Test func aTokenizerOfAnotherModelIsNamed() throws {
        let original = try TokenizerGoldens.tokenizer("gpt2")
        for tokenCount in [original.vocabularySize / 2, 10 * original.vocabularySize + 2000] {
            #expect(
                throws: TokenizerError.vocabularyMismatch(
                    file: "test", pieceCount: original.vocabularySize, tokenCount: tokenCount)
            ) { try write(original, tokenCount: tokenCount) }
        }
    }

    @Test func anEndThatItsNameDoesNotTellIsStated() throws {
        let original = try TokenizerGoldens.tokenizer("qwen2")
        let copy = try write(original, endTokens: original.endOfTurn.union([40])).tokenizer
        #expect(copy.endOfTurn == original.endOfTurn.union([40]))
    }
}
