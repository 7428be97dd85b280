internal import NuthatchTensors

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The server that repositories are fetched from, and the token it is shown.
///
/// The token goes to this origin alone; see `HTTPTransfer` for redirects.
package struct HubEndpoint: Sendable {
    package static let standard = "https://huggingface.co"

    let url: URL
    let token: String?

    /// `text` as in HF_ENDPOINT, `token` as in HF_TOKEN; nil or empty for the public Hub and for no token.
    package init(_ text: String? = nil, token: String? = nil) throws(HubError) {
        let stated = text?.trimmed ?? ""
        let address = stated.isEmpty ? Self.standard : stated
        guard let url = URL(string: address), let scheme = url.scheme?.lowercased(),
            url.host?.isEmpty == false, scheme == "https" || scheme == "http", url.query == nil,
            url.user == nil
        else {
            throw .malformedSetting(
                name: "HF_ENDPOINT", reason: "\(address) is not of the form http(s)://host[:port][/path]")
        }
        let secret = token?.trimmed ?? ""
        guard secret.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .malformedSetting(
                name: "HF_TOKEN", reason: "it holds a space or a character outside ASCII")
        }
        self.url = url
        self.token = secret.isEmpty ? nil : secret
    }

    var host: String { url.host ?? "the hub" }

    var headers: [String: String] {
        token.map { ["Authorization": "Bearer \($0)"] } ?? [:]
    }

    func fileURL(repository: String, revision: String, path: String) -> URL? {
        address(
            "/\(repository)/resolve/\(Self.escape(revision, slash: false))/\(Self.escape(path, slash: true))")
    }

    func listingURL(repository: String, revision: String) -> URL? {
        address("/api/models/\(repository)/tree/\(Self.escape(revision, slash: false))?recursive=true")
    }

    /// The address of a listing's next page, nil where it would leave this origin.
    func pageURL(_ text: String) -> URL? {
        guard let page = URL(string: text, relativeTo: url)?.absoluteURL,
            (page.scheme, page.host, page.port) == (url.scheme, url.host, url.port)
        else { return nil }
        return page
    }

    private func address(_ path: String) -> URL? {
        var base = url.absoluteString
        while base.hasSuffix("/") { base.removeLast() }
        return URL(string: base + path)
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters, and slashes where they separate.
    private static func escape(_ text: String, slash: Bool) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { escaped, byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain =
                character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character))
            if isPlain || (slash && character == "/") {
                escaped.append(character)
            } else {
                escaped += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }
}
