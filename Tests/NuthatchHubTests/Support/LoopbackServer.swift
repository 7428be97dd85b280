import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An HTTP/1.1 server on 127.0.0.1 that misbehaves on request: it answers with a list of steps, so a test can
/// stall, cut or spoil an answer at any byte. One thread a connection, one request a connection.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        let target: String
        /// Names in lower case.
        let headers: [String: String]

        /// The first byte asked for, 0 without a Range.
        var offset: Int {
            let digits = headers["range"]?.drop { !$0.isNumber }.prefix { $0.isNumber }
            return digits.flatMap { Int($0) } ?? 0
        }
    }

    enum Step: Sendable {
        case head(Int, [String: String])
        case body(Data)
        case pause(Duration)
        /// Waits until the test releases it or the server stops, holding the connection open.
        case hold
    }

    typealias Answer = @Sendable (_ request: Request, _ number: Int) -> [Step]

    private struct State {
        var requests: [Request] = []
        var isStopped = false
    }

    let port: Int
    private let listener: CInt
    private let answer: Answer
    private let state = Mutex(State())

    var origin: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }

    init(_ answer: @escaping Answer) throws {
        #if canImport(Glibc)
            listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        #else
            listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = self.listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.answer = answer
        Thread.detachNewThread { [self] in accept() }
    }

    /// Ends the accepting thread and every held connection; tests call it when they are done.
    func stop() {
        state.withLock { $0.isStopped = true }
        // The accepting thread closes it: closed here, its number could be another server's by the time that thread
        // accepts again. (Darwin doesn't wake the thread; there it stays, and the socket with it.)
        _ = shutdown(listener, CInt(SHUT_RDWR))
    }

    private func accept() {
        while true {
            #if canImport(Glibc)
                let connection = Glibc.accept(listener, nil, nil)
            #elseif canImport(Musl)
                let connection = Musl.accept(listener, nil, nil)
            #else
                let connection = Darwin.accept(listener, nil, nil)
            #endif
            guard connection >= 0, !state.withLock({ $0.isStopped }) else {
                if connection >= 0 { close(connection) }
                close(listener)
                return
            }
            Thread.detachNewThread { [self] in
                serve(connection)
                close(connection)
            }
        }
    }

    private func serve(_ connection: CInt) {
        guard let request = read(connection) else { return }
        let number = state.withLock { state in
            state.requests.append(request)
            return state.requests.count
        }
        for step in answer(request, number) {
            switch step {
            case .head(let status, let headers):
                let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
                let head = "HTTP/1.1 \(status) X\r\nConnection: close\r\n\(lines)\r\n"
                guard send(Data(head.utf8), to: connection) else { return }
            case .body(let data):
                guard send(data, to: connection) else { return }
            case .pause(let duration):
                Thread.sleep(forTimeInterval: duration / .seconds(1))
            case .hold:
                while !state.withLock({ $0.isStopped }) { Thread.sleep(forTimeInterval: 0.02) }
            }
        }
    }

    private func read(_ connection: CInt) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !bytes.contains(Data("\r\n\r\n".utf8)) {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0, bytes.count < 1 << 16 else { return nil }
            bytes += chunk[..<count]
        }
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return Request(target: String(words[1]), headers: headers)
    }

    private func send(_ data: Data, to connection: CInt) -> Bool {
        var rest = [UInt8](data)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                sendQuietly(connection, bytes)
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// A client that left must not end the test process with SIGPIPE.
    private func sendQuietly(_ connection: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.send(connection, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
        #elseif canImport(Musl)
            Musl.send(connection, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
        #else
            Darwin.send(connection, bytes.baseAddress, bytes.count, 0)
        #endif
    }
}

extension [UInt8] {
    fileprivate func contains(_ mark: Data) -> Bool { Data(self).range(of: mark) != nil }
}
