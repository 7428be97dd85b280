import NuthatchReports
import Testing

/// A start or end tag of a page, as a browser would read it.
struct PageTag {
    let name: String
    let isEnd: Bool
    private let values: [(name: String, value: String)]

    var attributes: [String] { values.map(\.name) }

    subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    /// - Parameter text: What stands between the angle brackets.
    init(_ text: Substring) {
        isEnd = text.hasPrefix("/")
        let text = isEnd ? text.dropFirst() : text
        name = text.prefix { $0 != " " }.lowercased()
        // Values have no quotation marks in them: those are escaped.
        let parts = text.dropFirst(name.count).split(separator: "\"", omittingEmptySubsequences: false)
        values = stride(from: 0, to: parts.count - 1, by: 2).map { index in
            (parts[index].filter { $0 != " " && $0 != "=" }.lowercased(), String(parts[index + 1]))
        }
    }
}

extension String {
    /// The tags of a page in their order; what stands inside a style element is none.
    var tags: [PageTag] {
        var tags: [PageTag] = []
        var rest = self[...]
        while let begin = rest.firstIndex(of: "<") {
            rest = rest[begin...].dropFirst()
            guard !rest.hasPrefix("!"), let end = rest.firstIndex(of: ">") else { continue }
            tags.append(PageTag(rest[..<end]))
            rest = rest[end...]
        }
        return tags
    }

    /// What stands between each pair of texts.
    func components(from begin: String, to end: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let first = rest.firstRange(of: begin) {
            rest = rest[first.upperBound...]
            guard let last = rest.firstRange(of: end) else { break }
            parts.append(String(rest[..<last.lowerBound]))
            rest = rest[last.upperBound...]
        }
        return parts
    }
}

extension SampleReports {
    static func page(_ name: String) throws -> String {
        HTMLReport.render(try #require(all.first { $0.name == name }).report)
    }

    /// Whether a character steers a terminal or turns the order of a text: those that no output may have.
    static func steers(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
            || scalar == "\u{FEFF}"
            || scalar == "\u{2028}"
    }
}
