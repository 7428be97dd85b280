internal import Foundation
internal import Synchronization

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
            do {
                let consumer = PartConsumer(part: part, offset: offset, byteCount: byteCount, report: report)
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

/// Writes a body to a part, from where the server's answer says it starts.
private final class PartConsumer: HTTPBodyConsumer {
    private let part: PartialFile
    private let offset: Int
    private let byteCount: Int
    private let report: @Sendable (FileDownload.Step) -> Void
    private let writtenByteCount: Mutex<Int>

    init(
        part: PartialFile, offset: Int, byteCount: Int,
        report: @escaping @Sendable (FileDownload.Step) -> Void
    ) {
        self.part = part
        self.offset = offset
        self.byteCount = byteCount
        self.report = report
        self.writtenByteCount = Mutex(offset)
    }

    func begin(_ head: HTTPHead) throws(HTTPFailure) {
        switch RangeReply.decide(head, offset: offset, byteCount: byteCount) {
        case .append, .nothingMore:
            return
        case .startOver:
            guard offset > 0 else { return }
            try part.startOver()
            writtenByteCount.withLock { $0 = 0 }
            report(.startedOver)
        case .refuse(let failure):
            throw failure
        }
    }

    func append(_ data: Data) throws(HTTPFailure) {
        let total = writtenByteCount.withLock { count in
            count += data.count
            return count
        }
        guard total <= byteCount else { throw .wrongAnswer("the body is longer than \(byteCount) bytes") }
        do { try part.append(data) } catch { throw .store(error) }
        report(.received(byteCount: total))
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
