internal import NuthatchTensors

/// What a server says before the body.
package struct HTTPHead: Sendable, Equatable {
    package let status: Int
    /// `Content-Length`, or nil where the server does not state it.
    package let contentByteCount: Int?
    /// The first byte a partial answer holds, and the length of the whole, from `Content-Range` (RFC 9110, 14.4).
    package let contentRange: ContentRange?
    /// The target of `rel="next"` in `Link` (RFC 8288): where a listing goes on.
    package let nextPage: String?
    package let retryAfter: Duration?

    package struct ContentRange: Sendable, Equatable {
        package let firstByte: Int
        /// nil for `*`.
        package let wholeByteCount: Int?

        package init(firstByte: Int, wholeByteCount: Int?) {
            self.firstByte = firstByte
            self.wholeByteCount = wholeByteCount
        }
    }

    package init(
        status: Int, contentByteCount: Int? = nil, contentRange: ContentRange? = nil, nextPage: String? = nil,
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.contentByteCount = contentByteCount
        self.contentRange = contentRange
        self.nextPage = nextPage
        self.retryAfter = retryAfter
    }

    /// - Parameter fields: by lower-case name.
    init(status: Int, fields: [String: String]) {
        self.init(
            status: status, contentByteCount: fields["content-length"].flatMap(Self.count),
            contentRange: fields["content-range"].flatMap(Self.range),
            nextPage: fields["link"].flatMap(Self.next),
            retryAfter: fields["retry-after"].flatMap(Self.count).map { .seconds(min($0, 3600)) })
    }

    private static func count(_ text: some StringProtocol) -> Int? {
        Int(text.trimmed).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// Reads `bytes 5-9/10` and `bytes 5-9/*`.
    package static func range(_ text: String) -> ContentRange? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "-" || $0 == "/" })
        guard parts.count == 4, parts[0] == "bytes", let first = count(parts[1]), let last = count(parts[2]),
            last >= first
        else { return nil }
        let whole = parts[3] == "*" ? nil : count(parts[3])
        guard parts[3] == "*" || whole.map({ $0 > last }) == true else { return nil }
        return ContentRange(firstByte: first, wholeByteCount: whole)
    }

    /// Reads `<https://host/path?cursor=x>; rel="next"`.
    package static func next(_ text: String) -> String? {
        for link in text.split(separator: ",") {
            let parts = link.split(separator: ";").map { $0.trimmed }
            guard let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">"),
                parts.dropFirst().contains(where: { $0 == "rel=\"next\"" || $0 == "rel=next" })
            else { continue }
            return String(target.dropFirst().dropLast())
        }
        return nil
    }
}
