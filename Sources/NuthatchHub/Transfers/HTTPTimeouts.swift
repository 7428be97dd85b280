/// How long to wait for what.
package struct HTTPTimeouts: Sendable, Equatable {
    /// Until the head of the answer. Ten seconds cover a slow handshake on a bad line, and are short enough to
    /// wait out before another source is tried.
    package var answer: Duration = .seconds(10)
    /// Between two pieces of the body.
    package var stall: Duration = .seconds(30)

    package init() {}
}
