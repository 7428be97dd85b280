import Foundation
import NuthatchCheckpoints
import NuthatchTokenizers
import Testing

/// What the goldens of `tokenizers` don't say of unigram models.
@Suite struct UnigramTests {
    private static func tokenizer(_ json: String) throws -> Tokenizer {
        try Tokenizer(json: JSONField(try JSONParser.parse(json, file: "t.json"), file: "t.json"))
    }

    private static func message(_ json: String) throws -> String? {
        do {
            _ = try tokenizer(json)
            return nil
        } catch let error as TokenizerError {
            return error.message
        }
    }

    private static func model(_ members: String, _ others: String = "") -> String {
        #"{"model":{"type":"Unigram",\#(members)}\#(others)}"#
    }

    @Test func takesTheCutThatIsMostProbableAsAWhole() throws {
        // "ab" + "c" is -3, "a" + "bc" -2.5; greedily the first piece would be "ab".
        let json = Self.model(
            #""unk_id":0,"vocab":[["?",0],["a",-1],["b",-2],["c",-2],["ab",-1],["bc",-1.5]]"#)
        #expect(try Self.tokenizer(json).encode("abc") == [1, 5])
        // Of equal sums the one whose last piece begins first.
        let equal = Self.model(#""unk_id":0,"vocab":[["?",0],["a",-1],["b",-1],["ab",-2]]"#)
        #expect(try Self.tokenizer(equal).encode("ab") == [3])
    }

    @Test func whatIsUnknownIsOneIDOrItsBytes() throws {
        let pieces = (0..<256).map { byte in
            let digits = (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            return #"["<0x\#(digits)>",-9]"#
        }
        let list = #"["<unk>",0],["a",-1],"# + pieces.joined(separator: ",")
        let plain = try Self.tokenizer(Self.model(#""unk_id":0,"vocab":[\#(list)]"#))
        #expect(try plain.encode("xéa中 文a") == [0, 1, 0, 1])
        let bytes = try Self.tokenizer(Self.model(#""unk_id":0,"byte_fallback":true,"vocab":[\#(list)]"#))
        #expect(try bytes.encode("xéa") == [2 + 0x78, 2 + 0xc3, 2 + 0xa9, 1])
        #expect(try bytes.encode(bytes: [0xff, 0x61, 0xe4]) == [2 + 0xff, 1, 2 + 0xe4])
        let silent = try Self.tokenizer(Self.model(#""unk_id":null,"vocab":[["a",-1]]"#))
        #expect(try silent.encode("xay") == [0])
    }

    /// Clusters of characters are looked up as `tokenizers` does, which is not as SentencePiece does.
    @Test func normalisesClustersAsTheTokenizersLibrary() throws {
        let tokenizer = try TokenizerGoldens.tokenizer("t5")
        let golden = try #require(try TokenizerGoldens.json("t5/normalized.json").value.array)
        #expect(golden.count > 10)
        for entry in golden {
            let text = try #require(entry.array?[0].string)
            let expected = try #require(entry.array?[1].string)
            let found = try tokenizer.normalized(Array(text.utf8))
            #expect(found == Array(expected.utf8), "\(text.debugDescription)")
        }
    }

    /// Text may spell markup, and normalisation make it of other characters: it stays text.
    @Test func markupIsNeverCutFromText() throws {
        let tokenizer = try TokenizerGoldens.tokenizer("t5")
        let end = try #require(tokenizer.endOfSequence)
        for text in ["</s>", "a</s>b", "＜/s＞", "x ＜/s＞", "<pad>", "<extra_id_7>"] {
            let ids = try tokenizer.encode(text, addsSpecialTokens: false, parsesSpecialTokens: false)
            #expect(
                !ids.contains(where: { tokenizer.isSpecial($0) && $0 != tokenizer.unknown }),
                "\(text): \(ids)")
        }
        #expect(try tokenizer.encode("＜/s＞", addsSpecialTokens: false).contains(end) == false)
        #expect(try tokenizer.encode("</s>", addsSpecialTokens: false) == [end])
    }

    @Test func readsTheExtraIDsOfT5() throws {
        let tokenizer = try TokenizerGoldens.tokenizer("t5")
        let ids = try tokenizer.encode("The <extra_id_0> hides its <extra_id_99>.")
        let names = ids.map(tokenizer.text(of:))
        #expect(names.contains("<extra_id_0>") && names.contains("<extra_id_99>"))
        #expect(ids.last == tokenizer.endOfSequence)
        #expect(tokenizer.specialTokens.count == 103)
        #expect(tokenizer.decode(ids).hasPrefix("The hides its"))
    }

    /// As Marian's directories are.
    @Test func namesTheFilesThatItDoesNotRead() throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "nuthatch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (file, text) in [
            ("config.json", "{}"), ("source.spm", ""), ("target.spm", ""), ("vocab.json", "{}"),
        ] {
            try Data(text.utf8).write(to: directory.appending(path: file))
        }
        let path = directory.path(percentEncoded: false)
        #expect(throws: TokenizerError.noTokenizer(directory: path, others: ["source.spm", "target.spm"])) {
            _ = try Tokenizer(directory: try HuggingFaceDirectory(path: path, requiresWeights: false))
        }
    }

    @Test func namesWhatIsWrongWithAUnigramModel() throws {
        #expect(try Self.message(Self.model(#""vocab":{"a":0}"#)) == "t.json: model.vocab is not an array.")
        for entry in ["7", #"["a"]"#, #"["a","b"]"#, #"[1,2]"#, #"["a",1e999]"#, #"["a",-1,2]"#] {
            #expect(
                try Self.message(Self.model(#""vocab":[["b",-1],\#(entry)]"#))
                    == "t.json: model.vocab[1] is not a piece and its log probability.", "\(entry)")
        }
        #expect(
            try Self.message(Self.model(#""unk_id":2,"vocab":[["a",0],["b",0]]"#))
                == "t.json: model.unk_id is id 2, outside the vocabulary of 2 pieces.")
        #expect(
            try Self.message(Self.model(#""unk_id":-1,"vocab":[["a",0],["b",0]]"#))
                == "t.json: model.unk_id is id -1, outside the vocabulary of 2 pieces.")
        #expect(
            try Self.message(Self.model(#""vocab":[["a",0],["a",-1]]"#))
                == "t.json: model.vocab has the piece \"a\" twice, as ids 0 and 1.")
        let long = String(repeating: "a", count: 1025)
        #expect(
            try Self.message(Self.model(#""vocab":[["\#(long)",0]]"#))
                == "t.json: the longest piece of model.vocab is 1025, over the limit of 1024 bytes in a unigram piece."
        )
        #expect(
            try Self.message(
                Self.model(#""vocab":[["a",0]]"#, #","pre_tokenizer":{"type":"ByteLevel","use_regex":false}"#)
            )?
            .contains("ByteLevel") == true)
    }

    /// A table of characters whose arrays lead anywhere: bounds hold, whatever the bytes.
    @Test func survivesAnyTableOfCharacters() throws {
        func normalizer(_ bytes: [UInt8]) -> String {
            let text = Data(bytes).base64EncodedString()
            return #","normalizer":{"type":"Precompiled","precompiled_charsmap":"\#(text)"}"#
        }
        func load(_ bytes: [UInt8]) throws -> Tokenizer {
            try Self.tokenizer(Self.model(#""unk_id":0,"vocab":[["?",0],["a",-1]]"#, normalizer(bytes)))
        }
        for (bytes, reason) in [
            ([], "has 0 bytes"), ([4, 0, 0], "has 3 bytes"),
            ([0, 0, 0, 0, 1], "says that 0 of its 5 bytes are a double array"),
            ([8, 0, 0, 0, 1, 2, 3, 4], "says that 8 of its 8 bytes are a double array"),
            ([255, 255, 255, 255, 1], "says that 4294967295 of its 5 bytes are a double array"),
            ([2, 0, 0, 0, 1, 2], "says that 2 of its 6 bytes are a double array"),
        ] as [([UInt8], String)] {
            #expect(
                try Self.message(Self.model(#""vocab":[["a",0]]"#, normalizer(bytes)))
                    == "t.json: normalizer.precompiled_charsmap \(reason).")
        }
        for text in ["A", "AAA", "AA=", "AAA=A", "A===", "AAAA====", "Å=", "AA A"] {
            let step = #","normalizer":{"type":"Precompiled","precompiled_charsmap":"\#(text)"}"#
            #expect(
                try Self.message(Self.model(#""vocab":[["a",0]]"#, step))
                    == "t.json: normalizer.precompiled_charsmap is not base64.", "\(text)")
        }
        #expect(
            try Self.message(
                Self.model(
                    #""vocab":[["a",0]]"#,
                    normalizer([4, 0, 0, 0] + [1, 2, 3, 4] + [UInt8](repeating: 65, count: 1025))))
                == "t.json: a replacement in normalizer.precompiled_charsmap is 1025, over the limit "
                + "of 1024 bytes in a replacement.")
        var random = SeededGenerator(seed: 23)
        let text = "a\u{0}é中ﬁ🚀e\u{301}\r\n ｆ" + String(repeating: "xyz ", count: 50)
        for _ in 0..<2_000 {
            let unitCount = Int.random(in: 1...80, using: &random)
            var bytes: [UInt8] = [UInt8((unitCount * 4) & 255), UInt8((unitCount * 4) >> 8), 0, 0]
            bytes += (0..<unitCount * 4).map { _ in
                // Labels that the text has, so that walks go on.
                Bool.random(using: &random)
                    ? Array(text.utf8).randomElement(using: &random) ?? 0
                    : UInt8.random(in: 0...255, using: &random)
            }
            bytes += (0..<Int.random(in: 0...9, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try load(bytes).encode(text)
        }
    }

    @Test func boundsWhatATextIsNormalisedTo() throws {
        // "a" leads to a leaf whose text is 1,024 bytes long; 16 MiB are passed with 16,385 of them.
        let label = UInt32(UInt8(ascii: "a"))
        var units = [UInt32](repeating: 0, count: 256)
        units[0] = 1 << 10
        units[Int(label) ^ 1] = label | 1 << 8 | 2 << 10
        units[Int(label) ^ 1 ^ 2] = 1 << 31
        let bytes = [UInt8](units.flatMap { unit in (0..<4).map { UInt8(unit >> (8 * $0) & 255) } })
        let map = [0, 4, 0, 0] + bytes + [UInt8](repeating: UInt8(ascii: "b"), count: 1024)
        let step =
            #","normalizer":{"type":"Precompiled","precompiled_charsmap":"\#(Data(map).base64EncodedString())"}"#
        let tokenizer = try Self.tokenizer(Self.model(#""unk_id":0,"vocab":[["?",0],["b",-1]]"#, step))
        #expect(try tokenizer.encode("ca").count == 1025)
        #expect(throws: TokenizerError.inputTooLong(byteCount: (1 << 24) + 1, limit: .inputByteCount)) {
            _ = try tokenizer.tokens(
                of: [UInt8](repeating: UInt8(ascii: "a"), count: 17_000), addsSpecialTokens: false,
                parsesSpecialTokens: false)
        }
    }
}
