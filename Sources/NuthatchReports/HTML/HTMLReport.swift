/// A report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.
///
/// It is light or dark as the reader's system is, goes down to 360 pixels without scrolling sideways, and says in
/// tables what its charts show. Equal reports give equal files.
package struct HTMLReport {
    package static func render(_ report: Report) -> String {
        var identifiers = HTMLIdentifiers()
        var sections: [HTMLElement] = []
        var links: [HTMLElement] = []
        for section in report.sections {
            let blocks = section.blocks.compactMap { HTMLBlock.element($0, &identifiers) }
            guard !VisibleText.flow(section.heading).isEmpty else {
                if !blocks.isEmpty { sections.append(HTMLElement(.section, [:], blocks)) }
                continue
            }
            let identifier = identifiers.next("section")
            let heading = HTMLElement(.h2, [.id: identifier], flow: section.heading)
            sections.append(HTMLElement(.section, [.labelledBy: identifier], [heading] + blocks))
            let link = HTMLElement(.a, [.href: "#\(identifier)"], flow: section.heading)
            links.append(HTMLElement(.li, [:], [link]))
        }
        var header = [HTMLElement(.h1, flow: report.title)]
        if let subtitle = report.subtitle {
            header.append(HTMLElement(.p, [.class: "subtitle"], flow: subtitle))
        }
        var body = [HTMLElement(.header, [:], header)]
        // A list of what can be seen at once helps nobody.
        if links.count > 2 {
            body.append(HTMLElement(.nav, [.label: "Contents"], [HTMLElement(.ul, [:], links)]))
        }
        body.append(HTMLElement(.main, [:], sections))
        if !report.footer.isEmpty {
            body.append(HTMLElement(.footer, [:], report.footer.map { HTMLElement(.p, flow: $0) }))
        }
        return HTMLPage.text(report, body: body)
    }
}
