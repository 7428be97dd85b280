import NuthatchTensors
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A body that is held whole, up to a limit.
final class SmallBody: HTTPBodyConsumer {
    private let byteLimit: Int
    private let body = Mutex(Data())

    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    var data: Data { body.withLock { $0 } }

    func begin(_ head: HTTPHead) throws(HTTPFailure) {
        guard head.status == 200 else { throw .status(head.status, retryAfter: head.retryAfter) }
        guard head.contentByteCount ?? 0 <= byteLimit else { throw tooLong }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
        let isTooLong = body.withLock { body in
            guard body.count + bytes.count <= byteLimit else { return true }
            body.append(contentsOf: bytes)
            return false
        }
        if isTooLong { throw tooLong }
    }

    private var tooLong: HTTPFailure {
        .wrongAnswer("the answer is longer than \(Counted.text(byteLimit, "byte"))")
    }
}
