import NuthatchCheckpoints
import NuthatchTensors
import NuthatchTokenizers
import Testing

/// Merge rules, as tokenizer.json lists them.
@Suite struct MergeRuleTests {
    private static func tokenizer(pieces: [String], merges: [String]) throws -> Tokenizer {
        let vocabulary = pieces.enumerated().map { ($1, JSONValue.integer($0)) }
        let model = JSONValue.object(
            JSONObject([
                ("type", .string("BPE")), ("vocab", .object(JSONObject(vocabulary))),
                ("merges", .array(merges.map { .string($0) })),
            ]))
        return try Tokenizer(
            json: JSONField(.object(JSONObject([("model", model)])), file: "test.json"))
    }

    @Test func ofEqualRulesTheFirstCounts() throws {
        let tokenizer = try Self.tokenizer(
            pieces: ["a", "b", "c", "ab", "bc"], merges: ["a b", "b c", "a b"])
        #expect(try tokenizer.encode("abc") == [3, 2])
    }

    /// More rules than are looked through one by one, in no order of ids.
    @Test func aPieceMayBeTheLeftOneOfManyRules() throws {
        let letters = (UInt8(ascii: "b")...UInt8(ascii: "z")).map { String(UnicodeScalar($0)) }
        let tokenizer = try Self.tokenizer(
            pieces: ["a"] + letters + letters.map { "a" + $0 }, merges: letters.reversed().map { "a \($0)" })
        for (index, letter) in letters.enumerated() {
            #expect(try tokenizer.encode("a" + letter) == [TokenID(1 + letters.count + index)])
            #expect(try tokenizer.encode(letter + "a") == [TokenID(1 + index), 0])
        }
        #expect(try tokenizer.encode("aa") == [0, 0])
    }
}
