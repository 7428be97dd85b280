import NuthatchReports

/// Reports like those that commands make, for tests and for a browser to show.
enum SampleReports {
    static let all: [(name: String, report: Report)] = [
        (name: "comparison", report: comparison), (name: "explanation", report: explanation),
        (name: "edges", report: edges),
    ]

    /// Every chart of a report.
    static func charts(of report: Report) -> [Chart] {
        report.sections.flatMap(\.blocks).compactMap { block in
            if case .chart(let chart) = block { chart } else { nil }
        }
    }
}
