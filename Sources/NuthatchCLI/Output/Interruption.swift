import Synchronization

/// Whether Ctrl-C was pressed; written by a signal's handler, read by the command.
final class Interruption: Sendable {
    private let flag = Atomic(false)

    func note() { flag.store(true, ordering: .relaxed) }

    var wasNoted: Bool { flag.load(ordering: .relaxed) }
}
