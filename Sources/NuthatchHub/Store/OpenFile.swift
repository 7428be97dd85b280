internal import NuthatchTensors

/// An open file of the store: a `SystemFile` whose refusals are the hub's.
struct OpenFile: ~Copyable {
    private let file: SystemFile

    var path: String { file.path }

    init(_ path: String, for purpose: SystemFile.Purpose) throws(HubError) {
        do { file = try SystemFile(path, for: purpose) } catch { throw HubError(error) }
    }

    func byteCount() throws(HubError) -> Int {
        do { return try file.status().byteCount } catch { throw HubError(error) }
    }

    /// Fills as much of `buffer` as the file has; 0 at its end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(HubError) -> Int {
        do { return try file.read(at: offset, into: buffer) } catch { throw HubError(error) }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
        do { try file.append(bytes) } catch { throw HubError(error) }
    }

    func truncate(to byteCount: Int) throws(HubError) {
        do { try file.truncate(to: byteCount) } catch { throw HubError(error) }
    }

    /// Returns once the bytes are on the disk.
    func synchronize() throws(HubError) {
        do { try file.synchronize() } catch { throw HubError(error) }
    }

    /// Takes an exclusive advisory lock; false where another open file holds it, in this process or another.
    func tryLock() throws(HubError) -> Bool {
        do { return try file.tryLock() } catch { throw HubError(error) }
    }
}

extension HubError {
    /// A refusal of the system.
    init(_ error: FileError) {
        self = .systemFailure(operation: error.operation.rawValue, path: error.path, reason: error.reason)
    }
}
