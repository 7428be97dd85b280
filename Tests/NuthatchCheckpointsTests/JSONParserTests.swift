import NuthatchCheckpoints
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws(CheckpointError) -> JSONValue {
        try JSONParser.parse(text, file: "test.json")
    }

    @Test func `values of every kind are read`() throws {
        #expect(try parse(" null ") == .null)
        #expect(try parse("true") == .bool(true))
        #expect(try parse("false") == .bool(false))
        #expect(try parse("[]") == .array([]))
        #expect(try parse("{}") == .object(JSONObject()))
        #expect(
            try parse("\t[ 1 , [2],\r\n{\"a\" : \"b\"} ] ")
                == .array([.integer(1), .array([.integer(2)]), .object(JSONObject([("a", .string("b"))]))]))
    }

    @Test func `integers are exact and other numbers are doubles`() throws {
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("-9223372036854775808") == .integer(.min))
        #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try parse("1000000000000000019884624838656") == .number(1e30))
        #expect(try parse("-0") == .integer(0))
        #expect(try parse("1e-05") == .number(1e-5))
        #expect(try parse("0.1E+2") == .number(10))
        #expect(try parse("1.0") == .number(1))
        #expect(try parse("[-Infinity, Infinity]") == .array([.number(-.infinity), .number(.infinity)]))
        #expect(try parse("NaN").number?.isNaN == true)
    }

    @Test func `a whole number written as a float counts as an integer`() throws {
        #expect(try parse("1e5").integer == 100_000)
        #expect(try parse("1.5").integer == nil)
        #expect(try parse("1e30").integer == nil)
        #expect(try parse("10000").number == 10_000)
    }

    @Test func `escapes and surrogate pairs are decoded`() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t""#) == .string("\"\\/\u{8}\u{C}\n\r\t"))
        #expect(try parse(#""a\u00e9b\u4E2D\uD83D\uDE00c""#) == .string("a\u{E9}b中😀c"))
        #expect(try parse(#""\u0000""#) == .string("\0"))
    }

    @Test func `objects keep the order written`() throws {
        let keys = (0..<40).map { "key\($0 * 7919 % 40)" }
        let text = "{" + keys.map { "\"\($0)\": 1" }.joined(separator: ",") + "}"
        #expect(try parse(text).object?.keys == keys)
    }

    @Test func `a repeated key keeps its place and takes the last value`() throws {
        let object = try #require(try parse(#"{"a": 1, "b": 2, "a": 3}"#).object)
        #expect(object.keys == ["a", "b"])
        #expect(object["a"] == .integer(3))
        #expect(throws: CheckpointError.duplicateKey(file: "test.json", key: "a")) {
            try JSONParser.parse(#"{"a": 1, "b": 2, "a": 3}"#, file: "test.json", repeatedKeys: .refused)
        }
    }

    @Test(arguments: [0, 20]) func `canonically equivalent keys are different keys`(otherCount: Int) throws {
        let others = (0..<otherCount).map { ", \"k\($0)\": 0" }.joined()
        let object = try #require(try parse("{\"\u{E9}\": 1, \"e\u{301}\": 2\(others)}").object)
        #expect(object.count == 2 + otherCount)
        #expect(object["\u{E9}"] == .integer(1))
        #expect(object["e\u{301}"] == .integer(2))
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(ExactKey("\u{E9}") != ExactKey("e\u{301}"))
    }

    @Test(arguments: [
        ("", 0), ("  ", 2), ("nul", 0), ("[1,]", 3), ("[1", 2), ("{\"a\"}", 4), ("{\"a\":1,}", 7),
        ("{a:1}", 1),
        ("01", 2), ("-", 1), ("1.", 2), ("1e", 2), (".5", 0), ("+1", 0), ("\"a", 2), ("\"\u{1}\"", 1),
        ("1 2", 2),
        (#""\x""#, 3), (#""\u12G4""#, 5), (#""\uD800""#, 7), (#""\uDC00""#, 7), (#""\uD800\u0041""#, 13),
        ("\u{FEFF}1", 0), ("[1}", 2), ("tru", 0), ("-Inf", 0),
    ])
    func `what is not JSON is refused at its byte`(_ text: String, _ byteOffset: Int) throws {
        let error = try #require(throws: CheckpointError.self) { try parse(text) }
        guard case .invalidJSON("test.json", byteOffset, _) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func `invalid UTF-8 is refused`() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xE4, 0xB8, 0x22],
        ] {
            #expect(throws: CheckpointError.invalidUTF8(file: "test.json", field: "the string at byte 1")) {
                try bytes.withUnsafeBytes { try JSONParser.parse($0, file: "test.json") }
            }
        }
    }

    @Test func `nesting stops at the limit`() throws {
        let depth = Int(CheckpointLimit.jsonDepth.maximum)
        _ = try parse(String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth))
        #expect(
            throws: CheckpointError.limitExceeded(
                file: "test.json", limit: .jsonDepth, value: UInt64(depth + 1), field: "byte \(depth + 1)")
        ) {
            try parse(String(repeating: "[", count: 1_000_000))
        }
        #expect(throws: CheckpointError.self) { try parse(String(repeating: #"{"a":"#, count: 1_000_000)) }
    }

    @Test func `values stop at the limit`() throws {
        let limit = CheckpointLimit.jsonValueCount
        let text = "[" + String(repeating: "0,", count: Int(limit.maximum)) + "0]"
        #expect(
            throws: CheckpointError.limitExceeded(
                file: "test.json", limit: limit, value: limit.maximum + 1, field: "the document")
        ) { try parse(text) }
    }

    @Test func `every mutation of a document is read or refused`() throws {
        let document = Array(
            #"{"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude00"],"b":{"c":"中"},"d":[[],{}]}"#.utf8)
        var generator = SplitMix64(state: 7)
        var refusedCount = 0
        for _ in 0..<20_000 {
            var bytes = document
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0...2, using: &generator))
            do {
                _ = try bytes.withUnsafeBytes { try JSONParser.parse($0, file: "test.json") }
            } catch {
                #expect(error is CheckpointError)
                refusedCount += 1
            }
        }
        #expect(refusedCount > 5_000)
    }
}
