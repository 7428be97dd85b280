internal import NuthatchTensors

/// The right to write one model, held by one pull at a time, in this process or another.
///
/// The kernel drops a `flock` when its holder ends, however it ends, so no lock is ever stale. The lock's file
/// stays where it is: removing it would let two processes lock two different files of one name.
enum StoreLock {
    /// How often a waiting pull looks again. A `flock` that blocks would hold a thread and ignore cancellation.
    private static let pollInterval = Duration.milliseconds(200)

    /// Runs `body` under the lock, waiting for it; `whenWaiting` is called once if another holds it.
    static func hold<Result>(
        _ directory: ModelDirectory, reference: String, whenWaiting: () -> Void,
        _ body: () async throws(HubError) -> Result
    ) async throws(HubError) -> Result {
        let file = try open(directory)
        var isWaiting = false
        while try !file.tryLock() {
            if !isWaiting { whenWaiting() }
            isWaiting = true
            do {
                try await Task.sleep(for: pollInterval)
            } catch {
                throw .cancelled(reference: reference)
            }
        }
        // The lock lives as long as the descriptor, and that has to be until `body` is done.
        defer { extendLifetime(file) }
        return try await body()
    }

    /// Runs `body` under the lock, or throws `inUse` where another holds it.
    static func holdNow<Result>(
        _ directory: ModelDirectory, reference: String, _ body: () throws(HubError) -> Result
    ) throws(HubError) -> Result {
        let file = try open(directory)
        guard try file.tryLock() else { throw .inUse(reference: reference) }
        defer { extendLifetime(file) }
        return try body()
    }

    private static func open(_ directory: ModelDirectory) throws(HubError) -> OpenFile {
        try Disk.makeDirectory(FileName.directory(of: directory.lock))
        return try OpenFile(directory.lock, for: .locking)
    }
}
