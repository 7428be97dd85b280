import NuthatchReports
import Testing

@Suite struct CharacterWidthTests {
    @Test(
        arguments: [
            ("a", 1), ("é", 1), ("e\u{301}", 1), ("中", 2), ("ｆ", 2), ("🐦", 2), ("🏳️‍🌈", 2), ("🇩🇪", 2), ("❤️", 2),
            ("❤", 1),
            ("\u{200B}", 0), ("한", 2), ("ไ", 1),
        ] as [(Character, Int)])
    func charactersHaveWidths(character: Character, columns: Int) {
        #expect(CharacterWidth.columns(character) == columns)
    }
}
