/// Takes an answer as it arrives; called from one thread at a time.
protocol HTTPBodyConsumer: Sendable {
    /// Decides from the head whether the body is wanted; throwing ends the transfer.
    func begin(_ head: HTTPHead) throws(HTTPFailure)
    func append(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure)
}
