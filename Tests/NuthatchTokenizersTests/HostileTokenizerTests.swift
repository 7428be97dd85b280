import Foundation
import NuthatchCheckpoints
import NuthatchTokenizers
import Testing

@Suite struct HostileTokenizerTests {
    private static func error(_ json: String) throws -> TokenizerError? {
        let value = try JSONParser.parse(json, file: "tokenizer.json")
        do {
            _ = try Tokenizer(json: JSONField(value, file: "tokenizer.json"))
            return nil
        } catch {
            return error
        }
    }

    private static func model(_ members: String, _ others: String = "") -> String {
        #"{"model":{"type":"BPE",\#(members)}\#(others)}"#
    }

    @Test func namesWhatIsWrongWithAVocabulary() throws {
        let vocabulary = #""vocab":{"a":0,"b":1,"ab":2}"#
        #expect(
            try Self.error(Self.model(#"\#(vocabulary),"merges":["a c"]"#))
                == .unknownPiece(file: "tokenizer.json", field: "model.merges[0]", piece: "c"))
        #expect(
            try Self.error(Self.model(#"\#(vocabulary),"merges":[["a","b"],["b","a"]]"#))
                == .unknownPiece(file: "tokenizer.json", field: "model.merges[1]", piece: "ba"))
        #expect(
            try Self.error(Self.model(#"\#(vocabulary),"merges":["ab"]"#))
                == .malformed(
                    file: "tokenizer.json", field: "model.merges[0]",
                    reason: "is not two pieces with a space between"))
        #expect(
            try Self.error(Self.model(#"\#(vocabulary),"merges":[7]"#))
                == .malformed(
                    file: "tokenizer.json", field: "model.merges[0]", reason: "is not a pair of pieces"))
        #expect(
            try Self.error(Self.model(#""vocab":{"a":0,"b":0},"merges":[]"#))
                == .malformed(
                    file: "tokenizer.json", field: "model.vocab", reason: "gives id 0 to both \"a\" and \"b\""
                ))
        #expect(
            try Self.error(Self.model(#""vocab":{"a":-1},"merges":[]"#))
                == .malformed(file: "tokenizer.json", field: "model.vocab[\"a\"]", reason: "is not an id"))
        #expect(
            try Self.error(Self.model(#""vocab":{"a":9000000000},"merges":[]"#))
                == .overLimit(
                    file: "tokenizer.json", field: "the highest id of model.vocab", value: 9_000_000_000,
                    limit: .pieceCount))
        #expect(
            try Self.error(Self.model(#"\#(vocabulary),"merges":[],"unk_token":"<unk>""#))
                == .unknownPiece(file: "tokenizer.json", field: "model.unk_token", piece: "<unk>"))
        #expect(
            try Self.error(
                Self.model(#"\#(vocabulary),"merges":[]"#, #","added_tokens":[{"id":3,"content":"b"}]"#))
                == .duplicatePiece(
                    file: "tokenizer.json", field: "model.vocab", piece: "b", first: 1, second: 3))
        #expect(
            try Self.error(
                Self.model(
                    #"\#(vocabulary),"merges":[]"#,
                    #","post_processor":{"type":"BertProcessing","cls":["a",7],"sep":["b",1]}"#))
                == .idOutOfRange(
                    file: "tokenizer.json", field: "post_processor.cls", id: 7, vocabularySize: 3))
    }

    @Test func namesWhatIsNotImplemented() throws {
        let vocabulary = #""vocab":{"a":0},"merges":[]"#
        #expect(
            try Self.error(#"{"model":{"type":"WordPiece","vocab":{}}}"#)?.message
                == "tokenizer.json: model.type is \"WordPiece\", which is not supported (supported: BPE, Unigram)."
        )
        let step = #","pre_tokenizer":{"type":"Split","pattern":{"Regex":"(?<=a)b"},"behavior":"Isolated"}"#
        let pattern = try #require(try Self.error(Self.model(vocabulary, step)))
        #expect(
            pattern.message
                == "tokenizer.json: pre_tokenizer.pattern is the pattern \"(?<=a)b\": unsupported group (?<=a)."
        )
        #expect(pattern.remedy?.hasPrefix("Supported are literals") == true)
        let normalizer = #","normalizer":{"type":"Sequence","normalizers":[{"type":"BertNormalizer"}]}"#
        #expect(
            try Self.error(Self.model(vocabulary, normalizer))?.message
                == "tokenizer.json: normalizer.normalizers[0].type is \"BertNormalizer\", which is not supported (supported: "
                + "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Nmt, Precompiled, Prepend, Replace, "
                + "Sequence).")
    }

    @Test(arguments: [
        "(", ")", "[", "[a", "a{3000}{2}", "*", "a**", "\\", "\\p", "\\p{", "\\p{Greek}", "(?P<x>a)",
        "(?=ab)", "[z-a]",
        "a{5000}", "(?:a{4000}){4000}", "[a&&b]", "a++", "\\1", "\\b", "(?!a)*", "\\x{110000}",
    ])
    func refusesPatternsThatItCannotRunInLinearTime(_ pattern: String) throws {
        let escaped = pattern.replacingOccurrences(of: "\\", with: "\\\\")
        let step =
            #","pre_tokenizer":{"type":"Split","pattern":{"Regex":"\#(escaped)"},"behavior":"Isolated"}"#
        let error = try #require(try Self.error(Self.model(#""vocab":{"a":0},"merges":[]"#, step)))
        guard case .unsupportedPattern(_, _, pattern, _) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func boundsPatternsThatReadTheTextOverAndOver() throws {
        func tokenizer(_ pattern: String) throws -> Tokenizer {
            let step =
                #","pre_tokenizer":{"type":"Split","pattern":{"Regex":"\#(pattern)"},"behavior":"Isolated"}"#
            let json = Self.model(#""vocab":{"a":0},"merges":[]"#, step)
            return try Tokenizer(json: JSONField(try JSONParser.parse(json, file: "t.json"), file: "t.json"))
        }
        let text = String(repeating: "a", count: 100_000)
        // Exponential where one backtracks.
        #expect(try tokenizer("(a+)+b").encode(text).count == 100_000)
        // Each match reads to the end of the text.
        let error = #expect(throws: NuthatchErrorBox.self) {
            do { _ = try tokenizer("a*b|a").encode(text) } catch {
                throw NuthatchErrorBox(message: "\(error)")
            }
        }
        #expect(error?.message.contains("passed the limit of 16 readings of a byte") == true)
    }

    private struct NuthatchErrorBox: Error {
        let message: String
    }

    @Test func refusesDamagedMetadata() throws {
        func error(_ change: (inout GoldenGGUF) -> Void, _ set: (inout GGUFWriter) -> Void = { _ in }) throws
            -> String
        {
            var golden = try GoldenGGUF("gpt2")
            change(&golden)
            var writer = golden.writer(model: "gpt2", preTokenizer: "gpt-2")
            set(&writer)
            return try withTemporaryFile(writer.data) { path in
                do {
                    _ = try Tokenizer(gguf: try GGUFFile(path: path))
                    return "none"
                } catch let error as TokenizerError {
                    return error.message.replacingOccurrences(of: path, with: "x.gguf")
                }
            }
        }
        #expect(
            try error { $0.pieces[300] = $0.pieces[200] }.contains("has the piece")
                && error { $0.pieces[300] = $0.pieces[200] }.hasSuffix("twice, as ids 200 and 300."))
        #expect(
            try error { $0.kinds.removeLast() }
                == "x.gguf: tokenizer.ggml.token_type has 699 elements for 700 pieces.")
        #expect(try error { $0.kinds[5] = 9 } == "x.gguf: tokenizer.ggml.token_type[5] is 9, outside 1 to 6.")
        #expect(
            try error({ _ in }, { $0.set("tokenizer.ggml.eos_token_id", .uint32(700)) })
                == "x.gguf: tokenizer.ggml.eos_token_id is id 700, outside the vocabulary of 700 pieces.")
        #expect(try error({ _ in }, { $0.set("tokenizer.ggml.padding_token_id", .uint32(.max)) }) == "none")
    }

    @Test(arguments: TokenizerGoldens.names)
    func survivesMutationsOfItsFile(_ name: String) throws {
        let file = TokenizerGoldens.folder.appending(path: "\(name)/tokenizer.json").path
        let original = Array(try Data(contentsOf: URL(filePath: file)))
        var random = SeededGenerator(seed: 17)
        let interesting = Array("0123456789\"{}[],:ae<>\\ ▁Ġ-".utf8)
        for _ in 0..<150 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // The head has the pipeline, the tail the vocabulary: try both.
                let bound = Bool.random(using: &random) ? min(2_000, bytes.count) : bytes.count
                bytes[Int.random(in: 0..<bound, using: &random)] =
                    interesting.randomElement(using: &random) ?? 0
            }
            do {
                let value = try bytes.withUnsafeBytes { try JSONParser.parse($0, file: "fuzz") }
                let tokenizer = try Tokenizer(json: JSONField(value, file: "fuzz"))
                let ids = try tokenizer.encode("It's 2024: 中华人民 <s>naïve</s> 🚀\u{0}")
                for id in ids { #expect((0..<Int32(tokenizer.vocabularySize)).contains(id)) }
                _ = tokenizer.decode(ids)
            } catch {
                #expect(error is TokenizerError || error is CheckpointError, "\(error)")
            }
        }
    }
}
