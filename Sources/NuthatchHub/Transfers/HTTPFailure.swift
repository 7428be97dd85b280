/// Why a transfer ended without its whole body.
package enum HTTPFailure: Error, Equatable {
    /// This system has no libcurl that can be used.
    case noClient(reason: String)
    case noThread(reason: String)
    /// No answer came: name, route, port, certificate.
    case unreachable(host: String, reason: String)
    /// No answer came within the time allowed.
    case noAnswer(host: String, after: Duration)
    /// The body stopped coming.
    case stalled(after: Duration)
    /// The connection ended within the body.
    case dropped(reason: String)
    case status(Int, retryAfter: Duration?)
    /// The answer does not fit the request.
    case wrongAnswer(String)
    /// The answer is neither the range that was asked for nor the whole file.
    case rangeNotKept(String)
    case store(HubError)
    case cancelled

    /// A short clause, for people.
    package var reason: String {
        switch self {
        case .noClient(let reason): "libcurl, which fetches files, cannot be loaded (\(reason))"
        case .noThread(let reason): reason
        case .unreachable(let host, let reason): "\(host) cannot be reached: \(reason)"
        case .noAnswer(let host, let after): "\(host) did not answer within \(after.plainText)"
        case .stalled(let after): "no byte came for \(after.plainText)"
        case .dropped(let reason): "the connection ended early: \(reason)"
        case .status(let status, _): Self.describe(status)
        case .wrongAnswer(let text), .rangeNotKept(let text): text
        case .store(let error): error.message
        case .cancelled: "stopped"
        }
    }

    /// What a user can do about it.
    package var remedy: String {
        switch self {
        case .noClient:
            "Install libcurl 7.66 or newer: the package libcurl4 of Debian and Ubuntu, libcurl of Fedora and Alpine."
        case .noThread:
            "Close other programs, or raise the limit on threads."
        case .unreachable, .noAnswer:
            "Check the network and its proxy, or set HF_ENDPOINT to a mirror that can be reached."
        case .stalled, .dropped:
            "Pull again: it goes on from where it stopped."
        case .status(401, _), .status(403, _):
            "Check the repository's name; if it is right, set HF_TOKEN to a token of an account that has accepted the "
                + "model's terms."
        case .status(404, _):
            "Check the repository, the revision and the file's name."
        case .status, .wrongAnswer, .rangeNotKept:
            "Try again later, or set HF_ENDPOINT to another mirror."
        case .store(let error):
            error.remedy ?? ""
        case .cancelled:
            "Pull again: it goes on from where it stopped."
        }
    }

    private static func describe(_ status: Int) -> String {
        switch status {
        case 401: "401: the server asks for a token"
        case 403: "403: the token does not open this model, or its terms have not been accepted"
        case 404: "404: no such file"
        case 429: "429: too many requests"
        case 500...: "\(status): the server failed"
        default: "unexpected status \(status)"
        }
    }
}

extension Duration {
    /// Seconds, with one decimal where they are few.
    var plainText: String {
        let (seconds, attoseconds) = components
        let tenths = attoseconds / 100_000_000_000_000_000
        return seconds >= 10 || tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s"
    }
}
