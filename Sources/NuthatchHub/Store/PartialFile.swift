internal import NuthatchTensors
internal import Synchronization

/// A file on its way: bytes are appended beside the store's models and moved among them only when their digest
/// is right.
///
/// Invariants: the part is named by the digest of the whole, so whatever is in it may be continued by any
/// source and by any later run; only the holder of the model's lock opens it. Sharing one among a transfer's
/// callbacks is safe because the open file sits behind a mutex.
final class PartialFile: Sendable {
    let path: String
    private let file: Mutex<OpenFile>

    init(path: String) throws(HubError) {
        self.path = path
        self.file = Mutex(try OpenFile(path, for: .appending))
    }

    func byteCount() throws(HubError) -> Int {
        try file.withLock { file throws(HubError) in try file.byteCount() }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
        try file.withLock { file throws(HubError) in try file.append(bytes) }
    }

    func truncate(to byteCount: Int = 0) throws(HubError) {
        try file.withLock { file throws(HubError) in try file.truncate(to: byteCount) }
    }

    func synchronize() throws(HubError) {
        try file.withLock { file throws(HubError) in try file.synchronize() }
    }
}
