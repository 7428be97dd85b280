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
        case startedOver
        case retrying(after: Duration, reason: String)
    }

    /// Returns when the part is `byteCount` long; whether it is right is for the digest to say.
    func run(into part: PartialFile, report: @escaping @Sendable (Step) -> Void) async throws(HTTPFailure) {
        var fruitlessCount = 0
        while true {
            let offset = try part.resumableByteCount(of: byteCount)
            if offset == byteCount { return }
            var headers = headers
            if offset > 0 { headers["Range"] = "bytes=\(offset)-" }
            let failure: HTTPFailure
            let consumer = PartConsumer(
                part: part, offset: offset, wholeByteCount: byteCount, report: report)
            do {
                defer { consumer.close() }
                _ = try await HTTPTransfer.get(url, headers: headers, timeouts: timeouts, into: consumer)
                if try part.resumableByteCount(of: byteCount) == byteCount { return }
                failure = .dropped(reason: "the body is shorter than the file")
            } catch .status(416, _) {
                // Part and file disagree, so what is here is no beginning of what is there.
                try part.startOver()
                report(.startedOver)
                failure = .dropped(reason: "the range was refused")
            } catch {
                failure = error
            }
            fruitlessCount = try part.resumableByteCount(of: byteCount) > offset ? 0 : fruitlessCount + 1
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
