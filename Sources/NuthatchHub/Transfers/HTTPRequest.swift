#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a GET asks for.
struct HTTPRequest: Sendable {
    var url: URL
    var headers: [String: String]

    var address: String { url.absoluteString }

    var host: String { url.host ?? "the server" }

    /// This request at another place; nil where it would leave https for something weaker.
    ///
    /// Headers go along, except `Authorization`, which only its own origin sees.
    func redirected(to target: String) -> HTTPRequest? {
        guard let target = URL(string: target, relativeTo: url)?.absoluteURL,
            let scheme = target.scheme?.lowercased()
        else { return nil }
        guard scheme == "https" || (scheme == "http" && url.scheme?.lowercased() == "http") else {
            return nil
        }
        var next = HTTPRequest(url: target, headers: headers)
        if (url.scheme, url.host, url.port) != (target.scheme, target.host, target.port) {
            next.headers["Authorization"] = nil
        }
        return next
    }
}
