/// A report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.
package struct HTMLReport {
    package static func render(_ report: Report) -> String {
        report.title
    }
}
