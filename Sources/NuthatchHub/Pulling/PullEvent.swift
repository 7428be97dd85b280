/// What happens during a pull, for whoever shows or logs it; nothing is done silently.
package enum PullEvent: Sendable, Equatable {
    /// The model is here and verified; nothing was fetched.
    case alreadyPresent(path: String)
    /// What lies in the store is not the model, and is fetched anew.
    case replacing(path: String, reason: String)
    /// Another pull of the same model holds its lock.
    case waitingForAnotherPull
    /// A source is asked for a file; `resumedFrom` of the bytes it would send are here already.
    case trying(PullSource, file: String, byteCount: Int, resumedFrom: Int)
    case progress(PullProgress)
    /// The part that was here could not be gone on from.
    case startedOver(PullSource, file: String, reason: String)
    case retrying(PullSource, after: Duration, reason: String)
    /// All wheels are here and their members are being joined.
    case unpacking(PullSource, file: String)
    case verifying(file: String, byteCount: Int)
    /// A source was given up; `next` is tried now.
    case sourceFailed(SourceFailure, next: PullSource?)
    case finished(path: String, source: PullSource)
}

/// How far a source has come.
package struct PullProgress: Sendable, Equatable {
    package let source: PullSource
    package let file: String
    /// Bytes here, of what this source sends (a wheel is smaller than the file in it).
    package let byteCount: Int
    package let totalByteCount: Int
    /// Bytes a second over the last seconds; nil until it can be told.
    package let bytesPerSecond: Double?

    package init(
        source: PullSource, file: String, byteCount: Int, totalByteCount: Int, bytesPerSecond: Double?
    ) {
        self.source = source
        self.file = file
        self.byteCount = byteCount
        self.totalByteCount = totalByteCount
        self.bytesPerSecond = bytesPerSecond
    }

    /// nil until a rate is known.
    package var timeLeft: Duration? {
        guard let bytesPerSecond, bytesPerSecond > 0 else { return nil }
        // A duration holds 2^63 seconds; a rate close to zero would leave it.
        return .seconds(min(Double(max(0, totalByteCount - byteCount)) / bytesPerSecond, 1e9))
    }
}

/// A place models come from.
package enum PullSource: Sendable, Hashable, CustomStringConvertible {
    case hub(host: String, repository: String)
    /// Wheels fetched by pip, from whatever index pip is configured with.
    case wheels(packages: [String])

    package var description: String {
        switch self {
        case .hub(let host, let repository): "\(host)/\(repository)"
        case .wheels(let packages) where packages.count > 1:
            "pip package \(packages[0]) and \(packages.count - 1) more"
        case .wheels(let packages):
            "pip package \(packages.joined())"
        }
    }
}
