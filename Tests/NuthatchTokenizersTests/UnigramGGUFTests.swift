import Foundation
import NuthatchCheckpoints
import NuthatchTokenizers
import Testing

/// A unigram model in a GGUF file, as llama.cpp's converter writes T5's, is the SentencePiece model that it was.
@Suite struct UnigramGGUFTests {
    private struct Golden {
        let pieces: [String]
        let scores: [Float]
        let map: [UInt8]

        init() throws {
            let json = try TokenizerGoldens.json("t5/tokenizer.json").value
            let vocabulary = try #require(json["model"]?["vocab"]?.array)
            pieces = vocabulary.compactMap { $0.array?[0].string }
            scores = vocabulary.compactMap { $0.array?[1].number.map(Float.init) }
            let text = json["normalizer"]?["normalizers"]?.array?[0]["precompiled_charsmap"]?.string
            map = Array(try #require(text.flatMap { Data(base64Encoded: $0) }))
        }

        var kinds: [Int32] {
            pieces.map { piece in
                piece == "<unk>"
                    ? 2 : ["<pad>", "</s>"].contains(piece) ? 3 : piece.hasPrefix("<extra_id_") ? 4 : 1
            }
        }

        func writer() -> GGUFWriter {
            var writer = GGUFWriter()
            writer.set("general.architecture", .string("t5"))
            writer.set("tokenizer.ggml.model", .string("t5"))
            writer.set("tokenizer.ggml.pre", .string("default"))
            writer.set("tokenizer.ggml.tokens", .strings(pieces))
            writer.set("tokenizer.ggml.scores", .floats(scores))
            writer.set("tokenizer.ggml.token_type", .integers(kinds))
            writer.set("tokenizer.ggml.add_space_prefix", .bool(true))
            writer.set("tokenizer.ggml.remove_extra_whitespaces", .bool(true))
            writer.set("tokenizer.ggml.precompiled_charsmap", .bytes(map))
            writer.set("tokenizer.ggml.eos_token_id", .uint32(1))
            writer.set("tokenizer.ggml.unknown_token_id", .uint32(2))
            writer.set("tokenizer.ggml.padding_token_id", .uint32(0))
            writer.set("tokenizer.ggml.add_bos_token", .bool(false))
            writer.set("tokenizer.ggml.add_eos_token", .bool(true))
            return writer
        }
    }

    private static func error(_ writer: GGUFWriter) throws -> String? {
        try withTemporaryFile(writer.data) { path in
            do {
                _ = try Tokenizer(gguf: try GGUFFile(path: path))
                return nil
            } catch let error as TokenizerError {
                return error.message.replacingOccurrences(of: path, with: "x.gguf")
            }
        }
    }

    @Test func encodesAsSentencePiece() throws {
        let tokenizer = try withTemporaryFile(try Golden().writer().data) {
            try Tokenizer(gguf: try GGUFFile(path: $0))
        }
        let ids = try TokenizerGoldens.json("t5/sentencepiece.json").strings("ids")
        for (index, text) in try TokenizerGoldens.corpus().enumerated() {
            let found = try tokenizer.encode(text, addsSpecialTokens: false, parsesSpecialTokens: false)
            #expect(found == TokenizerGoldens.ids(ids[index]), "\(index): \(text.excerpt)")
        }
    }

    @Test func agreesWithItsTokenizerJSON() throws {
        let gguf = try withTemporaryFile(try Golden().writer().data) {
            try Tokenizer(gguf: try GGUFFile(path: $0))
        }
        let json = try TokenizerGoldens.tokenizer("t5")
        for text in ["The nuthatch hides its seeds.", " two  spaces ", "naïve ﬁ ① <extra_id_3> x", ""] {
            let ids = try gguf.encode(text)
            #expect(try ids == json.encode(text), "\(text)")
            // What is user-defined in one is markup in the other.
            let decoded = gguf.decode(ids, skipsSpecialTokens: false)
            #expect(decoded == json.decode(ids, skipsSpecialTokens: false), "\(text)")
        }
        #expect(gguf.endOfSequence == json.endOfSequence)
        #expect(gguf.endOfTurn == json.endOfTurn)
        #expect(gguf.padding == 0 && gguf.unknown == 2 && gguf.beginningOfSequence == nil)
        #expect(gguf.vocabularySize == json.vocabularySize)
    }

    @Test func namesWhatIsWrongWithAFile() throws {
        func replacing(_ change: (inout [Float]) -> Void) throws -> GGUFWriter {
            let golden = try Golden()
            var scores = golden.scores
            change(&scores)
            var writer = GGUFWriter()
            writer.set("tokenizer.ggml.model", .string("t5"))
            writer.set("tokenizer.ggml.tokens", .strings(golden.pieces))
            writer.set("tokenizer.ggml.scores", .floats(scores))
            return writer
        }
        let count = try Golden().pieces.count
        #expect(
            try Self.error(try replacing { $0.removeLast() })
                == "x.gguf: tokenizer.ggml.scores has \(count - 1) elements for \(count) pieces.")
        #expect(try Self.error(try replacing { $0[7] = .nan }) == "x.gguf: tokenizer.ggml.scores[7] is nan.")
        var damaged = try replacing { _ in }
        damaged.set("tokenizer.ggml.precompiled_charsmap", .bytes([9, 9]))
        #expect(try Self.error(damaged) == "x.gguf: tokenizer.ggml.precompiled_charsmap has 2 bytes.")
    }
}
