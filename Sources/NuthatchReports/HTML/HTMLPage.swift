/// The file around a report's elements: its head, with the policy that lets a browser load nothing at all.
enum HTMLPage {
    static func text(_ report: Report, body: [HTMLElement]) -> String {
        var page = """
            <!DOCTYPE html>
            <html lang="\(language(report.language))">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="referrer" content="no-referrer">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">

            """
        HTMLElement(.title, flow: report.title).write(to: &page)
        page += "<style>\(Stylesheet.text)</style>\n</head>\n"
        HTMLElement(.body, [:], body).write(to: &page)
        return page + "</html>\n"
    }

    /// Nothing is loaded, run, sent or framed; the one style sheet is known by its hash (CSP level 3).
    private static let policy =
        "default-src 'none'; style-src 'sha256-\(Stylesheet.hash)'; base-uri 'none'; form-action 'none'"

    /// A language tag, or English where it can't be one.
    private static func language(_ tag: String) -> String {
        let isTag = tag.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isTag && !tag.isEmpty && tag.utf8.count <= 35 ? tag : "en"
    }
}
