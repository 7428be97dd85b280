import NuthatchReports
import Testing

@Suite struct ReportTests {
    @Test func aReportEqualsOneOfTheSameParts() {
        let report = Report(
            title: "Caches", sections: [ReportSection(heading: "Speed", blocks: [.note("x")])])
        #expect(
            report
                == Report(title: "Caches", sections: [ReportSection(heading: "Speed", blocks: [.note("x")])]))
    }
}
