import NuthatchCLI
import NuthatchTensors
import Testing

@Suite struct OutputTests {
    @Test func bytesReadAsPeopleWriteThem() {
        #expect(Quantities.bytes(0) == "0 B")
        #expect(Quantities.bytes(999) == "999 B")
        #expect(Quantities.bytes(98_362_432) == "98.4 MB")
        #expect(Quantities.bytes(253_113_024) == "253 MB")
        #expect(Quantities.duration(seconds: 3.2) == "4 s")
        #expect(Quantities.duration(seconds: 125) == "2 min 05 s")
    }

    @Test func theProgressLineFitsTheTerminal() {
        let line = ProgressLine.text(
            "smollm2", byteCount: 50_000_000, of: 100_000_000, bytesPerSecond: 10_000_000,
            timeLeft: .seconds(5),
            columns: 90)
        #expect(
            line == "smollm2 [###############...............] 50 %  50.0 MB of 100 MB  10.0 MB/s  5 s left")
        for columns in 0..<120 {
            let line = ProgressLine.text(
                "a-rather-long-model-name", byteCount: 1, of: 2, bytesPerSecond: nil, timeLeft: nil,
                columns: columns)
            #expect(line.count <= max(columns, 0))
        }
    }

    @Test(
        arguments: [
            ("1500", 1500), ("6GiB", 6 << 30), ("800MB", 800_000_000), ("1.5kb", 1500), ("x", nil),
            ("-1", nil), ("6GiBs", nil),
            ("", nil), ("1e400", nil),
        ] as [(String, Int?)])
    func byteCountsAreReadWithTheirUnits(text: String, byteCount: Int?) {
        #expect(ByteCountArgument(argument: text)?.byteCount == byteCount)
    }

    @Test func sizesSideBySideAreToldApart() {
        #expect(ByteQuantity.texts(103_000_000, 98_362_432) == ["103 MB", "98.4 MB"])
        #expect(ByteQuantity.texts(98_362_433, 98_362_432) == ["98362433 B", "98362432 B"])
    }

    @Test(arguments: [
        ("hi\tthere\n", "hi\tthere\n"), ("a\u{1B}[31mb", "a\\u{1b}[31mb"), ("\r\n", "\\u{d}\n"),
        ("\u{9B}2J\u{7F}", "\\u{9b}2J\\u{7f}"), ("中🏳️‍🌈", "中🏳️‍🌈"),
    ])
    func aTerminalIsNotSteeredByTexts(text: String, shown: String) {
        #expect(TerminalText.visible(text) == shown)
    }
}
