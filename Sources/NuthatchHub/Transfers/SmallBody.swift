internal import Foundation
internal import Synchronization

/// A body that is held whole, up to a limit.
final class SmallBody: HTTPBodyConsumer {
    private let byteLimit: Int
    private let bytes = Mutex(Data())

    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    var data: Data { bytes.withLock { $0 } }

    func begin(_ head: HTTPHead) throws(HTTPFailure) {
        guard head.status == 200 else { throw .status(head.status, retryAfter: head.retryAfter) }
        guard head.contentByteCount ?? 0 <= byteLimit else { throw tooLong }
    }

    func append(_ data: Data) throws(HTTPFailure) {
        let isTooLong = bytes.withLock { bytes in
            if bytes.count + data.count <= byteLimit { bytes.append(data) } else { return true }
            return false
        }
        if isTooLong { throw tooLong }
    }

    private var tooLong: HTTPFailure { .wrongAnswer("the answer is longer than \(byteLimit) bytes") }
}
