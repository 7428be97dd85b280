import NuthatchCheckpoints
import Testing

@Suite struct JSONFieldTests {
    private let field: JSONField

    init() throws {
        let text = #"""
            {"s": "text", "i": 7, "n": 0.5, "b": true, "nothing": null, "strings": ["a", "b"], "integers": [1, 2],
             "mixed": [1, "a"], "rope": {"factor": 8, "inner": {"type": "yarn"}}, "list": [{"id": 1}, {"id": "x"}]}
            """#
        field = JSONField(try JSONParser.parse(text, file: "config.json"), file: "config.json")
    }

    @Test func `members are read by type`() throws {
        #expect(try field.string("s") == "text")
        #expect(try field.integer("i") == 7)
        #expect(try field.number("i") == 7)
        #expect(try field.number("n") == 0.5)
        #expect(try field.bool("b"))
        #expect(try field.strings("strings") == ["a", "b"])
        #expect(try field.integers("integers") == [1, 2])
        #expect(try field.numbers("integers") == [1, 2])
        #expect(try field.object("rope").object("inner").string("type") == "yarn")
        #expect(try field.elements("list").map(\.path) == ["list[0]", "list[1]"])
    }

    @Test func `null and missing are nothing to the optional forms`() throws {
        #expect(try field.optionalString("nothing") == nil)
        #expect(try field.optionalInteger("missing") == nil)
        #expect(try field.optionalObject("nothing") == nil)
        #expect(field["nothing"] == nil)
        #expect(field["s"]?.value == .string("text"))
    }

    @Test func `errors name the file and the path`() throws {
        #expect(
            throws: CheckpointError.missingKey(file: "config.json", key: "missing", expected: "an integer")
        ) {
            try field.integer("missing")
        }
        #expect(throws: CheckpointError.missingKey(file: "config.json", key: "nothing", expected: "a string"))
        {
            try field.string("nothing")
        }
        #expect(
            throws: CheckpointError.wrongType(
                file: "config.json", key: "rope.inner.type", expected: "an integer", found: "a string")
        ) {
            try field.object("rope").object("inner").integer("type")
        }
        #expect(
            throws: CheckpointError.wrongType(
                file: "config.json", key: "mixed", expected: "an array of strings", found: "an array")
        ) {
            try field.strings("mixed")
        }
        #expect(
            throws: CheckpointError.wrongType(
                file: "config.json", key: "list[1].id", expected: "an integer", found: "a string")
        ) {
            try field.elements("list").map { try $0.integer("id") }
        }
        #expect(
            throws: CheckpointError.wrongType(
                file: "config.json", key: "s", expected: "an object", found: "a string")
        ) {
            try field["s"]?.integer("x")
        }
    }
}
