/// A report: what a measurement or an explanation says, before anything is drawn of it.
///
/// `HTMLReport` and `TextReport` draw the same one. Texts in it may come from anywhere, prompts and files included:
/// whoever draws them sees to it that they steer nothing.
package struct Report: Equatable, Sendable {
    package var title: String
    package var subtitle: String?
    /// The language of its texts as a BCP 47 tag, which pronunciation and line breaks depend on.
    package var language: String
    package var sections: [ReportSection]
    /// Lines at the end: how it was made, with which versions.
    package var footer: [String]

    package init(
        title: String, subtitle: String? = nil, language: String = "en", sections: [ReportSection] = [],
        footer: [String] = []
    ) {
        self.title = title
        self.subtitle = subtitle
        self.language = language
        self.sections = sections
        self.footer = footer
    }
}

/// A part of a report under a heading of its own.
package struct ReportSection: Equatable, Sendable {
    package var heading: String
    package var blocks: [ReportBlock]

    package init(heading: String, blocks: [ReportBlock] = []) {
        self.heading = heading
        self.blocks = blocks
    }
}

/// A piece of a section.
package enum ReportBlock: Equatable, Sendable {
    case paragraph(String)
    /// Text whose line breaks and blanks mean something.
    case preformatted(String)
    /// A sentence that stands out: a recommendation, a warning.
    case note(String)
    case facts([ReportFact])
    case table(ReportTable)
    case chart(Chart)
    case matrix(ScoreMatrix)
}

/// A name and its value.
package struct ReportFact: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
