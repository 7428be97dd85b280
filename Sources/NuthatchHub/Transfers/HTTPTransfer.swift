internal import Foundation
internal import Synchronization

#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// One GET, from request to last byte, handed to a consumer piece by piece and never held whole.
///
/// The session has this object as its delegate and calls it on a serial queue; the state is behind a mutex for
/// the sake of the waiting task and the watchdog. Whatever fails first is what the caller sees.
final class HTTPTransfer: NSObject, URLSessionDataDelegate {
    private struct State {
        var task: URLSessionDataTask?
        var continuation: CheckedContinuation<Result<HTTPHead, HTTPFailure>, Never>?
        var failure: HTTPFailure?
        var head: HTTPHead?
        var lastSign: ContinuousClock.Instant
        var redirectCount = 0
    }

    /// Hub, gateway and content network make three; beyond ten it is a loop.
    private static let redirectLimit = 10

    private let request: URLRequest
    private let timeouts: HTTPTimeouts
    private let consumer: any HTTPBodyConsumer
    private let state = Mutex(State(lastSign: .now))

    /// Fetches `url`; `headers` go to redirect targets too, except `Authorization`, which only its own origin sees.
    static func get(
        _ url: URL, headers: [String: String], timeouts: HTTPTimeouts, into consumer: any HTTPBodyConsumer
    ) async throws(HTTPFailure) -> HTTPHead {
        var request = URLRequest(url: url)
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        // A compressed body would count other bytes than the ranges do.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        request.setValue("nuthatch", forHTTPHeaderField: "User-Agent")
        request.cachePolicy = .reloadIgnoringLocalCacheData
        return try await HTTPTransfer(request, timeouts: timeouts, consumer: consumer).run()
    }

    private init(_ request: URLRequest, timeouts: HTTPTimeouts, consumer: any HTTPBodyConsumer) {
        self.request = request
        self.timeouts = timeouts
        self.consumer = consumer
    }

    private func run() async throws(HTTPFailure) -> HTTPHead {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpCookieAcceptPolicy = .never
        // The watchdog below keeps time in both phases; the session's own timer only has to be the longer one.
        configuration.timeoutIntervalForRequest = 3600
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
        let task = session.dataTask(with: request)
        state.withLock {
            $0.task = task
            $0.lastSign = .now
        }
        let watchdog = Task { await watch() }
        defer {
            watchdog.cancel()
            session.invalidateAndCancel()
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isStopped = state.withLock { state in
                    if state.failure == nil { state.continuation = continuation }
                    return state.failure
                }
                if let isStopped {
                    continuation.resume(returning: .failure(isStopped))
                } else {
                    task.resume()
                }
            }
        } onCancel: {
            fail(.cancelled)
        }
        return try result.get()
    }

    /// Ends the transfer when nothing has been heard for the time its phase allows.
    private func watch() async {
        while !Task.isCancelled {
            let (deadline, hasHead) = state.withLock { state in
                let hasHead = state.head != nil
                return (state.lastSign + (hasHead ? timeouts.stall : timeouts.answer), hasHead)
            }
            if deadline <= .now {
                return fail(
                    hasHead
                        ? .stalled(after: timeouts.stall)
                        : .noAnswer(host: request.url?.host ?? "the server", after: timeouts.answer))
            }
            try? await Task.sleep(until: deadline)
        }
    }

    /// Ends the transfer with the first failure and wakes the caller.
    private func fail(_ failure: HTTPFailure) {
        let (task, continuation) = state.withLock { state in
            if state.failure == nil { state.failure = failure }
            defer { state.continuation = nil }
            return (state.task, state.continuation)
        }
        task?.cancel()
        continuation?.resume(returning: .failure(failure))
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        guard let response = response as? HTTPURLResponse else {
            completionHandler(.cancel)
            return fail(.wrongAnswer("the answer is not HTTP"))
        }
        let head = HTTPHead(response)
        state.withLock {
            $0.head = head
            $0.lastSign = .now
        }
        do throws(HTTPFailure) {
            try consumer.begin(head)
            completionHandler(.allow)
        } catch {
            completionHandler(.cancel)
            fail(error)
        }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isEnded = state.withLock { state in
            state.lastSign = .now
            return state.failure != nil
        }
        guard !isEnded else { return }
        do throws(HTTPFailure) {
            try consumer.append(data)
        } catch {
            fail(error)
        }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        let count = state.withLock { state in
            state.redirectCount += 1
            state.lastSign = .now
            return state.redirectCount
        }
        guard count <= Self.redirectLimit else {
            completionHandler(nil)
            return fail(.wrongAnswer("more than \(Self.redirectLimit) redirects"))
        }
        guard let next = Self.redirected(self.request, to: request.url) else {
            completionHandler(nil)
            return fail(.wrongAnswer("a redirect leads from https to \(request.url?.scheme ?? "nowhere")"))
        }
        completionHandler(next)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let (head, failure, continuation) = state.withLock { state in
            defer { state.continuation = nil }
            return (state.head, state.failure, state.continuation)
        }
        guard let continuation else { return }
        if let failure {
            continuation.resume(returning: .failure(failure))
        } else if let error {
            let reason = error.plainReason
            continuation.resume(
                returning: .failure(
                    head == nil
                        ? .unreachable(host: request.url?.host ?? "the server", reason: reason)
                        : .dropped(reason: reason)))
        } else if let head {
            continuation.resume(returning: .success(head))
        } else {
            continuation.resume(returning: .failure(.wrongAnswer("an answer without a head")))
        }
    }

    /// The same request at another place; nil where it would leave https for something weaker.
    static func redirected(_ request: URLRequest, to target: URL?) -> URLRequest? {
        guard let origin = request.url, let target, let scheme = target.scheme?.lowercased() else {
            return nil
        }
        guard scheme == "https" || (scheme == "http" && origin.scheme?.lowercased() == "http") else {
            return nil
        }
        var next = request
        next.url = target
        if (origin.scheme, origin.host, origin.port) != (target.scheme, target.host, target.port) {
            next.setValue(nil, forHTTPHeaderField: "Authorization")
        }
        return next
    }
}
