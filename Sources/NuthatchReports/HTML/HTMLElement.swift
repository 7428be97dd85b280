/// An element of a page with its attributes and what is in it.
///
/// Elements and attributes have names of closed lists, in which there is no script, no handler and no style attribute;
/// texts and values of attributes are escaped when they are written. So a page can't hold what its policy forbids, and
/// no text becomes markup.
struct HTMLElement {
    enum Name: String {
        case html, head, title, body, header, main, footer, nav, section, h1, h2, h3
        case p, pre, ul, li, a, div, span, dl, dt, dd, figure, figcaption, details, summary
        case table, caption, thead, tbody, tr, th, td
        // SVG
        case svg, desc, defs, pattern, g, path, line, rect, circle, text
    }

    enum Attribute: String {
        case id, `class`, lang, href, tabindex, role, scope
        case label = "aria-label"
        case labelledBy = "aria-labelledby"
        case hidden = "aria-hidden"
        // SVG
        case viewBox, width, height, x, y, x1, y1, x2, y2, cx, cy, r, d, fill, patternUnits
        case anchor = "text-anchor"
        case dashes = "stroke-dasharray"
    }

    indirect enum Content {
        case element(HTMLElement)
        case text(String)
    }

    let name: Name
    let attributes: KeyValuePairs<Attribute, String>
    var content: [Content]

    init(_ name: Name, _ attributes: KeyValuePairs<Attribute, String> = [:], _ content: [Content] = []) {
        self.name = name
        self.attributes = attributes
        self.content = content
    }

    init(_ name: Name, _ attributes: KeyValuePairs<Attribute, String> = [:], _ elements: [HTMLElement]) {
        self.init(name, attributes, elements.map { .element($0) })
    }

    /// An element with a text in one line, in which nothing steers.
    init(_ name: Name, _ attributes: KeyValuePairs<Attribute, String> = [:], line text: String) {
        self.init(name, attributes, [.text(VisibleText.line(text))])
    }

    /// An element with a text of words, in which nothing steers.
    init(_ name: Name, _ attributes: KeyValuePairs<Attribute, String> = [:], flow text: String) {
        self.init(name, attributes, [.text(VisibleText.flow(text))])
    }

    func write(to page: inout String) {
        page += "<\(name.rawValue)"
        for (attribute, value) in attributes {
            page += " \(attribute.rawValue)=\"\(Self.escaped(VisibleText.line(value)))\""
        }
        page += ">"
        for part in content {
            switch part {
            case .element(let element): element.write(to: &page)
            case .text(let text): page += Self.escaped(text)
            }
        }
        page += "</\(name.rawValue)>"
        if Self.ownLines.contains(name) { page += "\n" }
    }

    /// What has its own lines in the file, where blanks behind it mean nothing.
    private static let ownLines: Set<Name> = [
        .title, .body, .header, .main, .footer, .nav, .section, .h1, .h2, .h3, .p, .pre, .ul, .dl, .figure,
        .figcaption,
        .details, .summary, .table, .caption, .thead, .tbody, .tr, .svg, .g, .defs, .desc,
    ]

    /// A text as markup shows it, inside elements and between quotation marks.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
