import Foundation
import NuthatchReports
import Testing

@Suite struct SampleFilesTests {
    /// Scripts/reports names the folder, and shows a browser what lies there then.
    private static let folder = ProcessInfo.processInfo.environment["NUTHATCH_REPORTS_DIRECTORY"]

    @Test(.enabled(if: folder != nil), arguments: SampleReports.all.map { $0.name })
    func samplesAreWrittenForABrowser(name: String) throws {
        let folder = URL(filePath: try #require(Self.folder), directoryHint: .isDirectory)
        let report = try #require(SampleReports.all.first { $0.name == name }).report
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try HTMLReport.render(report)
            .write(to: folder.appending(path: "\(name).html"), atomically: true, encoding: .utf8)
        for width in [60, 80, 120] {
            try TextReport(width: width, isColored: true).render(report)
                .write(to: folder.appending(path: "\(name)-\(width).txt"), atomically: true, encoding: .utf8)
        }
    }
}
