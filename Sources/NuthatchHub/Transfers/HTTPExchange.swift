internal import CNuthatchCurl

/// One request and its answer, on the thread that runs it.
///
/// libcurl calls back with every line of the head, every piece of the body, and some twenty times a second in between.
final class HTTPExchange {
    enum End {
        case complete(HTTPHead)
        case redirect(to: String)
        case failed(HTTPFailure)
    }

    private static let redirects: Set<Int> = [301, 302, 303, 307, 308]

    private let request: HTTPRequest
    private let timeouts: HTTPTimeouts
    private let consumer: any HTTPBodyConsumer
    private let isCancelled: () -> Bool
    private var lines = HTTPHeadLines()
    private var head: HTTPHead?
    private var redirectTarget: String?
    /// What ended the exchange before its time.
    private var failure: HTTPFailure?
    private var lastSign = ContinuousClock.now

    init(
        _ request: HTTPRequest, timeouts: HTTPTimeouts, consumer: any HTTPBodyConsumer,
        isCancelled: @escaping () -> Bool
    ) {
        self.request = request
        self.timeouts = timeouts
        self.consumer = consumer
        self.isCancelled = isCancelled
    }

    /// Returns when the exchange has ended.
    func run() -> End {
        lastSign = .now
        let (end, reason) = perform()
        if let failure { return .failed(failure) }
        switch end {
        case NUTHATCH_HTTP_COMPLETE:
            if let redirectTarget { return .redirect(to: redirectTarget) }
            return head.map(End.complete) ?? .failed(.wrongAnswer("an answer without a head"))
        case NUTHATCH_HTTP_NO_LIBRARY:
            return .failed(.noClient(reason: reason))
        default:
            return .failed(
                head == nil && redirectTarget == nil
                    ? .unreachable(host: request.host, reason: reason) : .dropped(reason: reason))
        }
    }

    private func perform() -> (nuthatch_http_end, reason: String) {
        // One text for all, each line with the zero that ends it, and where each begins.
        var text: [CChar] = []
        var starts: [Int] = []
        for (name, value) in request.headers {
            starts.append(text.count)
            text += "\(name): \(value)".utf8CString
        }
        var reason = [CChar](repeating: 0, count: Int(NUTHATCH_HTTP_REASON_SIZE))
        let end = text.withUnsafeBufferPointer { text in
            let lines = starts.compactMap { start in text.baseAddress.map { $0 + start } }
            return lines.withUnsafeBufferPointer { lines in
                withExtendedLifetime(self) {
                    request.address.withCString { url in
                        var get = nuthatch_http_get(
                            url: url, header_lines: lines.baseAddress, header_line_count: lines.count,
                            context: Unmanaged.passUnretained(self).toOpaque(),
                            take_head_line: { HTTPExchange.of($0).takeHeadLine($1, $2) },
                            take_body: { HTTPExchange.of($0).takeBody($1, $2) },
                            goes_on: { HTTPExchange.of($0).goesOn() })
                        return nuthatch_http_get(&get, &reason)
                    }
                }
            }
        }
        return (end, String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    private static func of(_ context: UnsafeMutableRawPointer) -> HTTPExchange {
        Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
    }

    // MARK: What libcurl calls; false ends the exchange

    private func takeHeadLine(_ bytes: UnsafePointer<CChar>, _ count: Int) -> Bool {
        lastSign = .now
        let line = UnsafeRawBufferPointer(start: bytes, count: count)
        // Lines behind the body are trailers, of which nothing is asked.
        guard head == nil, redirectTarget == nil,
            let whole = lines.take(String(decoding: line, as: UTF8.self))
        else { return true }
        if Self.redirects.contains(whole.head.status), let location = whole.location {
            redirectTarget = location
            return true
        }
        head = whole.head
        return attempt { () throws(HTTPFailure) in try consumer.begin(whole.head) }
    }

    private func takeBody(_ bytes: UnsafePointer<CChar>, _ count: Int) -> Bool {
        lastSign = .now
        if redirectTarget != nil { return true }
        return attempt { () throws(HTTPFailure) in
            try consumer.append(UnsafeRawBufferPointer(start: bytes, count: count))
        }
    }

    private func goesOn() -> Bool {
        if isCancelled() {
            failure = .cancelled
            return false
        }
        let hasHead = head != nil || redirectTarget != nil
        guard lastSign + (hasHead ? timeouts.stall : timeouts.answer) <= .now else { return true }
        failure =
            hasHead
            ? .stalled(after: timeouts.stall)
            : .noAnswer(host: request.host, after: timeouts.answer)
        return false
    }

    private func attempt(_ body: () throws(HTTPFailure) -> Void) -> Bool {
        do throws(HTTPFailure) {
            try body()
            return true
        } catch {
            failure = error
            return false
        }
    }
}
