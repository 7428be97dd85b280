#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Fetches one file of known length into a part, going on where the part ends and trying again where that helps.
struct FileDownload: Sendable {
    let url: URL
    let headers: [String: String]
    let byteCount: Int
    let timeouts: HTTPTimeouts
    let retries: RetryPolicy

    enum Step: Equatable {
        case received(byteCount: Int)
        case startedOver(reason: String)
        case retrying(after: Duration, reason: String)
    }

    /// Returns when the part is `byteCount` long; whether it is right is for the digest to say.
    ///
    /// Every attempt gets further than all before it, or counts as fruitless; of those there are few. So it ends,
    /// whatever the server answers.
    ///
    /// - Returns: how many answers the part was made of, apart from what was there; more than one may be of different
    ///   files, where the file changed at its source meanwhile.
    func run(
        into part: PartialFile, report: @escaping @Sendable (Step) -> Void
    ) async throws(HTTPFailure) -> Int {
        var fruitlessCount = 0
        var answerCount = 0
        var asksForRanges = true
        var furthest = try part.resumableByteCount(of: byteCount)
        while true {
            var offset = try part.resumableByteCount(of: byteCount)
            if offset == byteCount { return answerCount }
            var headers = headers
            if offset > 0, asksForRanges { headers["Range"] = "bytes=\(offset)-" }
            if offset > 0, !asksForRanges {
                try part.startOver()
                offset = 0
            }
            if offset == 0 { answerCount = 0 }
            let failure: HTTPFailure
            let consumer = PartConsumer(
                part: part, offset: offset, wholeByteCount: byteCount, report: report)
            do {
                defer { consumer.close() }
                _ = try await HTTPTransfer.get(url, headers: headers, timeouts: timeouts, into: consumer)
                failure = .dropped(reason: "the body is shorter than the file")
            } catch .status(416, _) {
                // Part and file disagree, so what is here is no beginning of what is there.
                try part.startOver()
                report(.startedOver(reason: "the server refuses the range"))
                failure = .dropped(reason: "the range was refused")
            } catch .rangeNotKept(let reason) {
                asksForRanges = false
                report(.startedOver(reason: reason))
                continue
            } catch {
                failure = error
            }
            if consumer.hasStartedOver {
                asksForRanges = false
                answerCount = 0
            }
            answerCount += 1
            let reached = try part.resumableByteCount(of: byteCount)
            if reached == byteCount { return answerCount }
            fruitlessCount = reached > furthest ? 0 : fruitlessCount + 1
            furthest = max(furthest, reached)
            guard case .retry(let pause) = retries.decide(failure, fruitlessCount: fruitlessCount) else {
                throw failure
            }
            report(.retrying(after: pause, reason: failure.reason))
            do { try await Task.sleep(for: pause) } catch { throw .cancelled }
        }
    }
}

extension PartialFile {
    /// The bytes that can be gone on from; a part longer than its file is emptied first.
    fileprivate func resumableByteCount(of whole: Int) throws(HTTPFailure) -> Int {
        do {
            let count = try byteCount()
            guard count > whole else { return count }
            try truncate()
            return 0
        } catch {
            throw .store(error)
        }
    }

    fileprivate func startOver() throws(HTTPFailure) {
        do { try truncate() } catch { throw .store(error) }
    }
}
