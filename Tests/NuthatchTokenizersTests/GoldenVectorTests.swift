import NuthatchCheckpoints
import NuthatchTokenizers
import Testing

@Suite struct GoldenVectorTests {
    @Test(arguments: TokenizerGoldens.names)
    func encodesAsTheTokenizersLibrary(_ name: String) throws {
        let tokenizer = try TokenizerGoldens.tokenizer(name)
        let vectors = try TokenizerGoldens.json("\(name)/vectors.json")
        let (full, plain) = (try vectors.strings("ids"), try vectors.strings("plain"))
        for (index, text) in try TokenizerGoldens.corpus().enumerated() {
            #expect(
                try tokenizer.encode(text) == TokenizerGoldens.ids(full[index]),
                "\(name) \(index): \(text.excerpt)")
            let ids = try tokenizer.encode(text, addsSpecialTokens: false, parsesSpecialTokens: false)
            #expect(ids == TokenizerGoldens.ids(plain[index]), "\(name) plain \(index): \(text.excerpt)")
        }
    }

    @Test(arguments: TokenizerGoldens.names)
    func decodesAsTheTokenizersLibrary(_ name: String) throws {
        let tokenizer = try TokenizerGoldens.tokenizer(name)
        let vectors = try TokenizerGoldens.json("\(name)/vectors.json")
        for (idsKey, textKey, skips) in [("plain", "decodedPlain", false), ("ids", "decodedSkipping", true)] {
            let ids = try vectors.strings(idsKey)
            let decoded = try #require(vectors[textKey]?.value.array)
            for (index, text) in try TokenizerGoldens.corpus().enumerated()
            where decoded[index] != .bool(false) {
                let result = tokenizer.decode(TokenizerGoldens.ids(ids[index]), skipsSpecialTokens: skips)
                let expected = decoded[index].string ?? text
                #expect(result.hasSameBytes(as: expected), "\(name) \(textKey) \(index): \(text.excerpt)")
            }
        }
    }

    @Test(arguments: TokenizerGoldens.names)
    func streamsPiecesThatConcatenateToTheBatchResult(_ name: String) throws {
        let tokenizer = try TokenizerGoldens.tokenizer(name)
        for text in try TokenizerGoldens.corpus() where text.utf8.count < 5_000 {
            for skips in [false, true] {
                let ids = try tokenizer.encode(text)
                var decoder = StreamingDecoder(tokenizer, skipsSpecialTokens: skips)
                var streamed = ""
                for id in ids {
                    let piece = decoder.append(id)
                    let isTorn =
                        piece.unicodeScalars.contains("\u{fffd}") && !text.unicodeScalars.contains("\u{fffd}")
                    #expect(!isTorn || name == "smollm", "\(name): \(text.excerpt)")
                    streamed += piece
                }
                streamed += decoder.finish()
                let batch = tokenizer.decode(ids, skipsSpecialTokens: skips)
                #expect(streamed.hasSameBytes(as: batch), "\(name): \(text.excerpt)")
            }
        }
    }
}
