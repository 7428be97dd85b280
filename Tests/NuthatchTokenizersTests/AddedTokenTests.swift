import Foundation
import NuthatchCheckpoints
import NuthatchTestSupport
import NuthatchTokenizers
import Testing

/// Goldens from Scripts/goldens/added_tokens.py.
@Suite struct AddedTokenTests {
    /// The golden tokenizer, its token 258 with these flags; bytes are their own ids.
    private static func tokenizer(
        stripsLeft: Bool = false, stripsRight: Bool = false, isSingleWord: Bool = false
    ) throws -> Tokenizer {
        let file = TokenizerGoldens.folder.appending(path: "added/tokenizer.json").path
        var text = try String(contentsOfFile: file, encoding: .utf8)
        let plain = #""content": "<|x|>", "single_word": false, "lstrip": false, "rstrip": false"#
        try #require(text.contains(plain))
        text = text.replacingOccurrences(
            of: plain,
            with: #""content": "<|x|>", "single_word": \#(isSingleWord), "lstrip": \#(stripsLeft), "#
                + #""rstrip": \#(stripsRight)"#)
        return try Tokenizer(json: JSONField(try JSONParser.parse(text, file: file), file: file))
    }

    private static func ids(_ tokenizer: Tokenizer, _ text: String) throws -> [Int32] {
        try tokenizer.encode(text, addsSpecialTokens: false, parsesSpecialTokens: true)
    }

    private static func strings(_ field: JSONField?) -> [String] {
        (field?.value.array ?? []).compactMap(\.string)
    }

    private static func ranges(_ field: JSONField?) throws -> [ClosedRange<UInt32>] {
        let pairs = try #require(field?.elements)
        return try pairs.map { pair in
            let bounds = (pair.value.array ?? []).compactMap(\.integer)
            try #require(bounds.count == 2)
            return UInt32(bounds[0])...UInt32(bounds[1])
        }
    }

    @Test(arguments: [
        ("passedOverBehind", true, false, false), ("passedOverBefore", true, false, true),
        ("takenBefore", false, true, false), ("takenBehind", false, true, true),
    ])
    func `each scalar beside a token is seen as what it is`(
        name: String, isSingleWord: Bool, strips: Bool, isBehind: Bool
    ) throws {
        let goldens = try TokenizerGoldens.json("added/scalars.json")
        let expected = try Self.ranges(goldens[name])
        let tokenizer = try Self.tokenizer(
            stripsLeft: strips && !isBehind, stripsRight: strips && isBehind, isSingleWord: isSingleWord)
        var place = expected[...]
        var wrong: [String] = []
        // Beyond the scripts with most exceptions, some of each range do, its ends among them.
        for range in try Self.ranges(goldens["assigned"]) {
            for value in range
            where value < 0x3000 || value % 97 == 0 || value == range.lowerBound
                || value == range.upperBound
            {
                guard let scalar = Unicode.Scalar(value) else { continue }
                while let first = place.first, first.upperBound < value { place.removeFirst() }
                let isExpected = place.first.map { $0.contains(value) } ?? false
                let text = isBehind ? "<|x|>\(Character(scalar))" : "\(Character(scalar))<|x|>"
                let ids = try Self.ids(tokenizer, text)
                let isFound = isSingleWord ? !ids.contains(258) : ids == [258]
                if isFound != isExpected { wrong.append(String(value, radix: 16)) }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(20))")
    }

    @Test func `texts around a token have the library's ids under all flags`() throws {
        let goldens = try TokenizerGoldens.json("added/texts.json")
        let texts = Self.strings(goldens["texts"])
        for field in try #require(goldens["cases"]?.elements) {
            let tokenizer = try Self.tokenizer(
                stripsLeft: try field.bool("lstrip"), stripsRight: try field.bool("rstrip"),
                isSingleWord: try field.bool("single_word"))
            let expected = Self.strings(field["ids"])
            try #require(expected.count == texts.count)
            for (text, ids) in zip(texts, expected) {
                #expect(
                    try Self.ids(tokenizer, text) == TokenizerGoldens.ids(ids), "\(text.debugDescription)")
            }
        }
    }

    @Test func `tokens that other files name have the ids that the reference gives them`() throws {
        let goldens = try TokenizerGoldens.json("added/configurations.json")
        let texts = Self.strings(goldens["texts"])
        let source = TokenizerGoldens.folder.appending(path: "added/tokenizer.json")
        for field in try #require(goldens["cases"]?.elements) {
            let name = try #require(field["name"]?.value.string)
            let directory = try TemporaryDirectory()
            try directory.write(Array(try Data(contentsOf: source)), as: "tokenizer.json")
            try directory.write(Array("{}".utf8), as: "config.json")
            for member in try #require(field["files"]?.value.object) {
                try directory.write(Array((member.value.string ?? "").utf8), as: member.key + ".json")
            }
            let tokenizer = try Tokenizer(
                directory: try HuggingFaceDirectory(path: directory.path, requiresWeights: false))
            let expected = Self.strings(field["ids"])
            try #require(expected.count == texts.count)
            for (text, ids) in zip(texts, expected) {
                #expect(
                    try Self.ids(tokenizer, text) == TokenizerGoldens.ids(ids),
                    "\(name): \(text.debugDescription)")
            }
            let named = try #require(field["named"])
            #expect(
                tokenizer.beginningOfSequence.map(Int.init) == named["bos_token"]?.value.integer, "\(name)")
            #expect(tokenizer.endOfSequence.map(Int.init) == named["eos_token"]?.value.integer, "\(name)")
            #expect(tokenizer.unknown.map(Int.init) == named["unk_token"]?.value.integer, "\(name)")
            #expect(tokenizer.padding.map(Int.init) == named["pad_token"]?.value.integer, "\(name)")
            for member in try #require(named.value.object) {
                guard let id = member.value.integer else { continue }
                let variable = tokenizer.templateVariables.first { $0.name == member.key }
                #expect(variable?.value == .string(tokenizer.text(of: Int32(id))), "\(name): \(member.key)")
            }
            #expect(
                tokenizer.specialTokens.map { Int($0.id) }
                    == (field["special"]?.value.array ?? []).compactMap(\.integer),
                "\(name)")
        }
    }

    /// Under `ignore_merges` a word is looked up whole, and this tokenizer takes a whole text for a word. The library looks in
    /// what the model lists, which added tokens are not part of.
    @Test func `a text that spells an added token is not looked up among them`() throws {
        let file = TokenizerGoldens.folder.appending(path: "added/tokenizer.json").path
        var text = try String(contentsOfFile: file, encoding: .utf8)
        try #require(text.contains(#""ignore_merges": false"#))
        text = text.replacingOccurrences(of: #""ignore_merges": false"#, with: #""ignore_merges": true"#)
        let tokenizer = try Tokenizer(json: JSONField(try JSONParser.parse(text, file: file), file: file))
        #expect(
            try tokenizer.encode("<|x|>", addsSpecialTokens: false, parsesSpecialTokens: false)
                == [60, 124, 120, 124, 62])
        #expect(try Self.ids(tokenizer, "<|x|>") == [258])
        // A piece of the model's own is.
        #expect(try Self.ids(tokenizer, "a") == [97])
    }

    @Test func `a vocabulary that lacks a byte of texts is refused, or has an unknown token for it`() throws {
        func tokenizer(without byte: Int, unknown: UInt32? = nil) throws -> Tokenizer {
            var golden = try GoldenGGUF("added")
            golden.pieces[byte] = "lacking"
            var writer = golden.writer(model: "gpt2", preTokenizer: "gpt-2")
            if let unknown { writer.set("tokenizer.ggml.unknown_token_id", .uint32(unknown)) }
            let directory = try TemporaryDirectory()
            let path = try directory.write(Array(writer.data), as: "t.gguf")
            return try Tokenizer(gguf: try GGUFFile(path: path))
        }
        let error = try #require(throws: TokenizerError.self) { try tokenizer(without: 0x0A) }
        #expect(
            error.message.hasSuffix(
                "tokenizer.ggml.tokens has no piece for the byte 0x0A, and there is no unknown token."))
        #expect(try Self.ids(try tokenizer(without: 0x0A, unknown: 63), "a\nb") == [97, 63, 98])
        // Markup is nothing that a text becomes.
        #expect(throws: TokenizerError.self) { try tokenizer(without: 0x0A, unknown: 258) }
        // No text has these.
        for byte in [0x04, 0xC0, 0xFF] { #expect(throws: Never.self) { try tokenizer(without: byte) } }
    }

    @Test func `a GGUF file's markup is no word and no merge of a text`() throws {
        var golden = try GoldenGGUF("added")
        golden.merges = ["< |", "<| x", "<|x |", "<|x| >"]
        golden.pieces += ["<|", "<|x", "<|x|"]
        golden.kinds += [1, 1, 1]
        for pre in ["llama-bpe", "gpt-2"] {
            let directory = try TemporaryDirectory()
            let writer = golden.writer(model: "gpt2", preTokenizer: pre)
            let path = try directory.write(Array(writer.data), as: "t.gguf")
            let tokenizer = try Tokenizer(gguf: try GGUFFile(path: path))
            let ids = try tokenizer.encode("<|x|>", addsSpecialTokens: false, parsesSpecialTokens: false)
            #expect(!ids.contains(258), "\(pre): \(ids)")
        }
    }

    @Test(arguments: [
        (#"{"added_tokens_decoder": []}"#, "added_tokens_decoder"),
        (#"{"added_tokens_decoder": {"x": {"content": "a"}}}"#, "'x'"),
        (#"{"added_tokens_decoder": {"1": 7}}"#, "added_tokens_decoder.1"),
        (#"{"extra_special_tokens": "a"}"#, "extra_special_tokens"),
        (#"{"extra_special_tokens": [7]}"#, "extra_special_tokens[0]"),
        (#"{"model_specific_special_tokens": ["a"]}"#, "model_specific_special_tokens"),
        (#"{"split_special_tokens": 7}"#, "split_special_tokens"),
        (#"{"eos_token": 7}"#, "eos_token"),
        (#"{"eos_token": {"content": 7}}"#, "eos_token"),
    ])
    func `what is no token is named`(configuration: String, field: String) throws {
        let file = "tokenizer_config.json"
        let error = #expect(throws: TokenizerError.self) {
            try Tokenizer(
                json: try TokenizerGoldens.json("added/tokenizer.json"),
                configuration: JSONField(try JSONParser.parse(configuration, file: file), file: file))
        }
        #expect(error?.message.contains(field) == true, "\(String(describing: error))")
        #expect(error?.message.contains(file) == true)
    }

    @Test func `a hundred thousand tokens are added in no more than a moment`() throws {
        let file = "tokenizer_config.json"
        let members = (0..<100_000).map { #""\#($0 + 300)": {"content": "<t\#($0)>", "special": true}"# }
        let text = "{\"added_tokens_decoder\": {\(members.joined(separator: ","))}}"
        let tokenizer = try Tokenizer(
            json: try TokenizerGoldens.json("added/tokenizer.json"),
            configuration: JSONField(try JSONParser.parse(text, file: file), file: file))
        #expect(try Self.ids(tokenizer, "<t99999>") == [260 + 99_999])
    }
}
