import NuthatchCheckpoints
import NuthatchTokenizers
import Testing

/// Single pre-tokenizers and normalizers against the `tokenizers` library (whose patterns Oniguruma runs).
@Suite struct SplittingGoldenTests {
    /// A tokenizer that only splits or normalises.
    private static func tokenizer(_ members: [(String, JSONValue)]) throws -> Tokenizer {
        let model = JSONValue.object(
            JSONObject([
                ("type", .string("BPE")), ("vocab", .object(JSONObject([("a", .integer(0))]))),
                ("merges", .array([])),
            ]))
        return try Tokenizer(
            json: JSONField(.object(JSONObject(members + [("model", model)])), file: "test.json"))
    }

    private static func name(_ step: JSONValue) -> String {
        let members = (step.object.map(Array.init) ?? []).map {
            $0.value["Regex"]?.string ?? $0.value.string ?? ""
        }
        return members.joined(separator: " ")
    }

    private static func texts(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }

    @Test func splitsAsTheTokenizersLibrary() throws {
        let golden = try TokenizerGoldens.json("splits.json").value
        let texts = Self.texts(golden["texts"])
        for entry in try #require(golden["splits"]?.array) {
            let step = try #require(entry["pre_tokenizer"])
            let tokenizer = try Self.tokenizer([("pre_tokenizer", step)])
            for (text, expected) in zip(texts, try #require(entry["words"]?.array)) {
                let words = try tokenizer.words(of: Array(text.utf8))
                #expect(
                    words == Self.texts(expected).map { Array($0.utf8) },
                    "\(Self.name(step)): \(text.debugDescription)")
            }
        }
    }

    @Test func normalizesAsTheTokenizersLibrary() throws {
        let golden = try TokenizerGoldens.json("splits.json").value
        let texts = Self.texts(golden["texts"])
        for entry in try #require(golden["normalizations"]?.array) {
            let step = try #require(entry["normalizer"])
            let tokenizer = try Self.tokenizer([("normalizer", step)])
            for (text, expected) in zip(texts, Self.texts(entry["texts"])) {
                let result = try tokenizer.normalized(Array(text.utf8))
                #expect(result == Array(expected.utf8), "\(Self.name(step)): \(text.debugDescription)")
            }
        }
    }

    /// The scanners are chosen by the pattern's text; brackets around it lead to the general search instead.
    @Test(arguments: [
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
    ])
    func scannersEqualTheGeneralSearch(_ pattern: String) throws {
        func splitting(_ pattern: String) throws -> Tokenizer {
            let regex = JSONValue.object(JSONObject([("Regex", .string(pattern))]))
            let step = JSONObject([
                ("type", .string("Split")), ("pattern", regex), ("behavior", .string("Isolated")),
                ("invert", .bool(false)),
            ])
            return try Self.tokenizer([("pre_tokenizer", .object(step))])
        }
        let (scanner, search) = (try splitting(pattern), try splitting("(?:\(pattern))"))
        // Scraps that the patterns tell apart, some of them no UTF-8, in random order.
        let scraps: [[UInt8]] =
            [
                " ", "  ", "\n", "\r\n", "\t", "\u{a0}", "\u{3000}", "a", "Z", "é", "中", "가", "ß", "7", "٣",
                "Ⅷ", "'", "'s",
                "'RE", "'ſ", "'l", "!", "?.", "_", "\u{301}", "🚀", "\u{0}", "\u{fffd}", "\u{200d}",
            ].map { Array($0.utf8) } + [[0xff], [0xc3], [0xe4, 0xb8], [0x80]]
        var random = SeededGenerator(seed: 7)
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 1...12, using: &random)).flatMap { _ in
                scraps.randomElement(using: &random) ?? []
            }
            #expect(try scanner.words(of: text) == search.words(of: text), "\(text)")
        }
    }
}
