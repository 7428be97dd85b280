import NuthatchTensors
import Testing

@Suite struct TrimmingTests {
    @Test func whiteSpaceAroundATextGoes() {
        #expect(" \t a b\r\n".trimmed == "a b")
        #expect("a".trimmed == "a")
        #expect(" \n".trimmed == "")
        #expect("".trimmed == "")
    }
}
