import NuthatchTensors
import Testing

@Suite struct PrefetchHintTests {
    @Test func `a range's first panels are those in the first matrix that it touches`() throws {
        // 3 and 2 panels.
        let first = try RandomMatrix(.q4_0, outputCount: 40, inputCount: 64, seed: 1).packed()
        let second = try RandomMatrix(.q8_0, outputCount: 20, inputCount: 64, seed: 2).packed()
        func firstPanels(_ range: Range<Int>) -> PrefetchHint? {
            Operations.firstPanels(of: [first, second], in: range)
        }
        let start = try #require(firstPanels(0..<5))
        #expect(start.count == 3 && start.byteCount == first.byteCount / 3)

        let across = try #require(firstPanels(2..<4))
        #expect(across.base == start.base + 2 * start.byteCount && across.count == 1)

        let behind = try #require(firstPanels(4..<5))
        let whole = try #require(firstPanels(3..<5))
        #expect(whole.count == 2 && whole.byteCount == second.byteCount / 2)
        #expect(behind.base == whole.base + whole.byteCount && behind.count == 1)

        #expect(firstPanels(2..<2) == nil)
        #expect(firstPanels(5..<9) == nil)
    }
}
