import NuthatchReports
import Testing

@Suite struct TextReportTests {
    private static func text(_ block: ReportBlock, width: Int = 40) -> [String] {
        let report = Report(title: "T", sections: [ReportSection(heading: "", blocks: [block])])
        return TextReport(width: width, isColored: false).render(report)
            .split(separator: "\n", omittingEmptySubsequences: false).dropFirst(3).dropLast().map(String.init)
    }

    @Test(arguments: [20, 21, 33, 60, 80, 200], [true, false])
    func linesAreNoLongerThanTheTerminal(width: Int, isColored: Bool) {
        for sample in SampleReports.all {
            let text = TextReport(width: width, isColored: isColored).render(sample.report)
            for line in text.split(separator: "\n") {
                let columns = CharacterWidth.columns(Self.withoutInk(String(line)))
                #expect(columns <= width, "\(columns): \(line)")
            }
        }
    }

    @Test func coloursAddNothingButSequences() {
        for sample in SampleReports.all {
            let plain = TextReport(width: 80, isColored: false).render(sample.report)
            let coloured = TextReport(width: 80, isColored: true).render(sample.report)
            #expect(plain.unicodeScalars.allSatisfy { $0 == "\n" || !SampleReports.steers($0) })
            let lines = Self.withoutInk(coloured).split(separator: "\n").map(Self.withoutBlanksAtTheEnd)
            #expect(lines == plain.split(separator: "\n").map(Self.withoutBlanksAtTheEnd))
        }
    }

    @Test func narrowTerminalsCountAsTwentyColumns() {
        #expect(TextReport(width: -3, isColored: false).width == 20)
    }

    @Test func columnsAlignByWhatATerminalShows() {
        let table = ReportTable(
            caption: "", columns: [.init(title: "token"), .init(title: "id", isNumeric: true)],
            rows: [["共和国", "9"], ["a", "105447"], ["\n"]])
        #expect(
            Self.text(.table(table)) == [
                "token       id", "──────────────", "共和国       9", "a       105447", "\\n",
            ])
    }

    @Test func columnsThatDoNotFitFollowBelow() {
        let table = ReportTable(
            caption: "wide", columns: ["name", "first", "second", "third"].map { .init(title: $0) },
            rows: [["a", "11111111", "22222222", "33333333"]])
        #expect(
            Self.text(.table(table), width: 26) == [
                "wide", "name  first     second", "────────────────────────", "a     11111111  22222222", "",
                "name  third", "──────────────", "a     33333333",
            ])
    }

    @Test func factsStandInTwoColumns() {
        let facts = [ReportFact(name: "model", value: "a b"), ReportFact(name: "层", value: "32")]
        #expect(Self.text(.facts(facts)) == ["model  a b", "层     32"])
    }

    @Test func paragraphsWrapAtBlanksAndBesideWideCharacters() {
        #expect(
            Self.text(.paragraph("one  two\nthree four five"), width: 20) == ["one two three four", "five"])
        #expect(
            Self.text(.paragraph("中华人民共和国中华人民共和国"), width: 21) == ["中华人民共和国中华人", "民共和国"])
        #expect(
            Self.text(.paragraph("ab " + String(repeating: "c", count: 25)), width: 20) == [
                "ab", String(repeating: "c", count: 20), "ccccc",
            ])
        #expect(Self.text(.note("x")) == ["▌ x"])
    }

    @Test func preformattedTextsKeepTheirBlanks() {
        #expect(Self.text(.preformatted("a  b\n\tc\r\n\u{1B}d")) == ["  a  b", "      c", "  \\u{1b}d"])
    }

    @Test func barsAreAsLongAsTheirNumbers() {
        let chart = Chart(
            title: "Bytes", summary: "", x: ChartAxis(title: ""),
            y: ChartAxis(title: "bytes", format: .bytes),
            series: [
                ChartSeries(
                    name: "all", style: .bars,
                    points: [ChartPoint(x: 0, y: 4e6, label: "f32"), ChartPoint(x: 1, y: 1e6, label: "int8")])
            ])
        #expect(
            Self.text(.chart(chart), width: 24) == [
                "Bytes", "", "bytes", "f32  █████████████ 4 MB", "int8 ███▎ 1 MB",
            ])
    }

    @Test func linesAreDrawnInDots() {
        let chart = Chart(
            title: "Up", summary: "", x: ChartAxis(title: "x"), y: ChartAxis(title: "y"),
            series: [ChartSeries(name: "s", points: [ChartPoint(x: 0, y: 0), ChartPoint(x: 8, y: 8)])])
        #expect(
            Self.text(.chart(chart), width: 20) == [
                "Up", "", "y", "10 ┤", "   │               ●", "   │            ⢀⠔⠉", "   │          ⡠⠊⠁",
                " 5 ┤       ⢀⠔⠉", "   │     ⡠⠒⠁", "   │  ⢀⠔⠊", " 0 ┤●⠒⠁", "   └┬───┬───┬──┬───┬",
                "    0   2   4  6   8", "                   x",
            ])
    }

    @Test func matricesShowTheirScoresWhereTheyFit() {
        let matrix = ScoreMatrix(
            title: "M", summary: "", rowLabels: ["a", "b"], columnLabels: ["a", "b"],
            cells: [
                [.init(value: 0.5, mark: .computedAgain), .init(value: 9, mark: .masked)],
                [.init(value: .nan, mark: .computed), .init(value: 0.25, mark: .reused)],
            ])
        #expect(
            Self.text(.matrix(matrix), width: 30) == [
                "M", "", "      a     b", "a ░0.50", "b ■     ·0.25", "■ new   ░ computed again   ·",
                "from the cache   blank never", "looked at",
            ])
        var large = matrix
        large.cells = Array(
            repeating: Array(repeating: .init(value: 1, mark: .computed), count: 30), count: 1)
        large.rowLabels = ["a"]
        #expect(Self.text(.matrix(large), width: 30)[4] == "a " + String(repeating: "■", count: 28))
        #expect(Self.text(.matrix(large), width: 30)[1] == "Not shown: the first 2")
    }

    private static func withoutInk(_ text: String) -> String {
        var text = text
        while let begin = text.firstRange(of: "\u{1B}["),
            let end = text[begin.upperBound...].firstIndex(of: "m")
        {
            text.removeSubrange(begin.lowerBound...end)
        }
        return text
    }

    private static func withoutBlanksAtTheEnd(_ line: Substring) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
