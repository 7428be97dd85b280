import NuthatchTensors
internal import Synchronization

/// Writes a body to a part, from where the server's answer says it starts.
///
/// Invariant: after `close` no byte is written, even by a callback that was under way when the transfer failed;
/// the next attempt may measure the part and go on from there.
final class PartConsumer: HTTPBodyConsumer {
    private struct State {
        var byteCount: Int
        var isClosed = false
        var hasStartedOver = false
    }

    private let part: PartialFile
    private let offset: Int
    private let wholeByteCount: Int
    private let report: @Sendable (FileDownload.Step) -> Void
    private let state: Mutex<State>

    init(
        part: PartialFile, offset: Int, wholeByteCount: Int,
        report: @escaping @Sendable (FileDownload.Step) -> Void
    ) {
        self.part = part
        self.offset = offset
        self.wholeByteCount = wholeByteCount
        self.report = report
        self.state = Mutex(State(byteCount: offset))
    }

    /// Whether the server sent the file from its first byte, though a range was asked for.
    var hasStartedOver: Bool { state.withLock { $0.hasStartedOver } }

    func begin(_ head: HTTPHead) throws(HTTPFailure) {
        switch RangeReply.decide(head, offset: offset, byteCount: wholeByteCount) {
        case .append, .nothingMore:
            return
        case .startOver:
            guard offset > 0 else { return }
            try write { state throws(HubError) in
                try part.truncate()
                state.byteCount = 0
                state.hasStartedOver = true
            }
            report(.startedOver(reason: "the server sends from the start"))
        case .askForAll(let reason):
            throw .rangeNotKept(reason)
        case .refuse(let failure):
            throw failure
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
        let total = state.withLock { $0.byteCount } + bytes.count
        guard total <= wholeByteCount else {
            throw .wrongAnswer("the body is longer than \(Counted.text(wholeByteCount, "byte"))")
        }
        try write { state throws(HubError) in
            try part.append(bytes)
            state.byteCount = total
        }
        report(.received(byteCount: total))
    }

    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Under the lock that `close` takes, so that closing waits for a write under way.
    private func write(_ body: (inout State) throws(HubError) -> Void) throws(HTTPFailure) {
        do throws(HubError) {
            try state.withLock { state throws(HubError) in
                if !state.isClosed { try body(&state) }
            }
        } catch {
            throw .store(error)
        }
    }
}
