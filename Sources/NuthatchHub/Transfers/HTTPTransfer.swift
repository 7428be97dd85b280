internal import NuthatchTensors
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// One GET with its redirects, from request to last byte, handed to a consumer piece by piece and never held whole.
///
/// It runs on a thread of its own, which blocks; the caller's task only waits. Whatever fails first is what the caller
/// sees.
final class HTTPTransfer: Sendable {
    /// Hub, gateway and content network make three; beyond ten it is a loop.
    private static let redirectLimit = 10

    private let request: HTTPRequest
    private let timeouts: HTTPTimeouts
    private let consumer: any HTTPBodyConsumer
    private let isCancelled = Atomic(false)

    /// Fetches `url`; for what becomes of `headers` see `HTTPRequest.redirected`.
    static func get(
        _ url: URL, headers: [String: String], timeouts: HTTPTimeouts, into consumer: any HTTPBodyConsumer
    ) async throws(HTTPFailure) -> HTTPHead {
        var headers = headers
        // A compressed body would count other bytes than the ranges do.
        headers["Accept-Encoding"] = "identity"
        headers["User-Agent"] = "nuthatch"
        let request = HTTPRequest(url: url, headers: headers)
        let transfer = HTTPTransfer(request, timeouts: timeouts, consumer: consumer)
        let result = await withTaskCancellationHandler {
            do {
                return try await SystemThread.value("nuthatch-fetch") { transfer.run() }
            } catch { return .failure(.noThread(reason: "\(error)")) }
        } onCancel: {
            transfer.isCancelled.store(true, ordering: .relaxed)
        }
        return try result.get()
    }

    private init(_ request: HTTPRequest, timeouts: HTTPTimeouts, consumer: any HTTPBodyConsumer) {
        self.request = request
        self.timeouts = timeouts
        self.consumer = consumer
    }

    private func run() -> Result<HTTPHead, HTTPFailure> {
        var request = request
        for _ in 0...Self.redirectLimit {
            let exchange = HTTPExchange(request, timeouts: timeouts, consumer: consumer) {
                self.isCancelled.load(ordering: .relaxed)
            }
            switch exchange.run() {
            case .complete(let head): return .success(head)
            case .failed(let failure): return .failure(failure)
            case .redirect(let target):
                guard let next = request.redirected(to: target) else {
                    return .failure(
                        .wrongAnswer(
                            "it redirects to '\(target)', which is no https address that can be followed"))
                }
                request = next
            }
        }
        return .failure(.wrongAnswer("more than \(Counted.text(Self.redirectLimit, "redirect"))"))
    }
}

/// Takes an answer as it arrives; called from one thread at a time.
protocol HTTPBodyConsumer: Sendable {
    /// Decides from the head whether the body is wanted; throwing ends the transfer.
    func begin(_ head: HTTPHead) throws(HTTPFailure)
    func append(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure)
}

/// How long to wait for what.
package struct HTTPTimeouts: Sendable, Equatable {
    /// Until the head of the answer. Ten seconds cover a slow handshake on a bad line, and are short enough to
    /// wait out before another source is tried.
    package var answer: Duration = .seconds(10)
    /// Between two pieces of the body.
    package var stall: Duration = .seconds(30)

    package init() {}
}
