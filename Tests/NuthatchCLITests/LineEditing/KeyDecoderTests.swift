import NuthatchCLI
import Testing

@Suite struct KeyDecoderTests {
    private func keys(_ text: String) -> [EditingKey] { keys(Array(text.utf8)) }

    private func keys(_ bytes: [UInt8]) -> [EditingKey] {
        var decoder = KeyDecoder()
        return bytes.compactMap { decoder.add($0) } + [decoder.flush()].compactMap { $0 }
    }

    @Test(arguments: [
        ("\u{1B}[A", EditingKey.up), ("\u{1B}OB", .down), ("\u{1B}[C", .right), ("\u{1B}[1;5D", .wordLeft),
        ("\u{1B}[1;3C", .wordRight), ("\u{1B}b", .wordLeft), ("\u{1B}[H", .home), ("\u{1B}[1~", .home),
        ("\u{1B}OF", .end), ("\u{1B}[4~", .end), ("\u{1B}[3~", .delete), ("\u{7F}", .backspace),
        ("\u{1}", .home), ("\u{5}", .end), ("\u{B}", .killToEnd), ("\u{15}", .killToStart),
        ("\u{17}", .killWord), ("\u{19}", .yank), ("\u{1B}\r", .lineBreak), ("\r", .enter), ("\n", .enter),
        ("\u{3}", .interrupt), ("\u{4}", .endOfInput), ("\u{1A}", .suspend), ("\u{1B}", .unknown),
        ("\u{1B}[200", .unknown), ("\u{1B}[?1;2c", .unknown),
    ])
    func sequencesAreKeys(sequence: String, key: EditingKey) { #expect(keys(sequence) == [key]) }

    @Test func textsOfSeveralBytesArriveWhole() {
        #expect(keys("aé中🐦") == [.text("a"), .text("é"), .text("中"), .text("🐦")])
        #expect(keys([0x61, 0xFF, 0x62]) == [.text("a"), .unknown, .text("b")])
        #expect(keys([0xC3]) == [.unknown])
    }

    @Test func aPasteIsOneKeyWhateverItHolds() {
        #expect(
            keys("\u{1B}[200~one\rtwo\r\nthree\u{1B}[A\u{3}\u{1B}[201~x")
                == [.paste("one\ntwo\nthree\u{1B}[A\u{3}"), .text("x")])
        let long = String(repeating: "seed ", count: 100_000)
        #expect(keys("\u{1B}[200~\(long)\u{1B}[201~") == [.paste(long)])
    }

    @Test func anEndlessPasteIsBounded() {
        var decoder = KeyDecoder(pasteByteLimit: 10)
        let bytes = Array("\u{1B}[200~0123456789abcdef\u{1B}[201~".utf8)
        let keys = bytes.compactMap { decoder.add($0) }
        #expect(keys == [.paste("0123456789")])
        #expect(decoder.droppedByteCount == 6)
    }

    @Test func bytesOfAnyKindEndInKeys() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var decoder = KeyDecoder()
            for _ in 0..<20 { _ = decoder.add(UInt8.random(in: 0...255, using: &random)) }
            for byte in "\u{1B}[201~".utf8 { _ = decoder.add(byte) }
            _ = decoder.flush()
            let key = decoder.add(0x78)
            #expect(key == .text("x"))
        }
    }
}
