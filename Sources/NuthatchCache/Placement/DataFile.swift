import NuthatchTensors

/// An open file of the cache: a `SystemFile` whose refusals are the cache's.
///
/// Files made here are for their owner alone: what a conversation left in a cache is as private as the conversation.
struct DataFile: ~Copyable, Sendable {
    private let file: SystemFile

    var path: String { file.path }
    var descriptor: CInt { file.descriptor }

    /// A new, empty file; a file that is there already is never touched.
    init(creating path: String) throws(CacheError) {
        do { file = try SystemFile(path, for: .creating(.owner)) } catch { throw CacheError(error) }
    }

    /// A file that exists. Where the path names a pipe, opening it does not wait for a writer.
    init(reading path: String) throws(CacheError) {
        do { file = try SystemFile(path, for: .reading) } catch { throw CacheError(error) }
    }

    /// - Throws: `CacheError.ioFailed` where the system will not say, and for what is no regular file.
    func byteCount() throws(CacheError) -> Int {
        do { return try file.byteCount() } catch { throw CacheError(error) }
    }

    /// Fills the buffer from `offset` on; returns fewer bytes only where the file ends.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CacheError) -> Int {
        do { return try file.read(at: offset, into: buffer) } catch { throw CacheError(error) }
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(CacheError) {
        do {
            try file.write(buffer, at: offset)
        } catch {
            throw CacheError(error, byteCount: buffer.count)
        }
    }

    /// The file's bytes from `offset` on.
    ///
    /// - Throws: `CacheError.ioFailed` where there are fewer.
    func readBytes(_ count: Int, at offset: Int) throws(CacheError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try bytes.withUnsafeMutableBufferPointer { buffer throws(CacheError) in
            try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard found == count else {
            throw .ioFailed(operation: "read", path: path, reason: "It became shorter meanwhile")
        }
        return bytes
    }

    /// Makes the file longer, from `end` to `newEnd` bytes, with room on the disk that later writes can't
    /// lack. Where that can't be had, the file is as long as before.
    func grow(from end: Int, to newEnd: Int) throws(CacheError) {
        do {
            try file.extend(from: end, to: newEnd)
        } catch {
            throw CacheError(error, byteCount: newEnd - end)
        }
    }

    func truncate(to byteCount: Int) throws(CacheError) {
        do { try file.truncate(to: byteCount) } catch { throw CacheError(error) }
    }

    /// Tells the system that these bytes are wanted soon. Advice: where it is not taken, nothing changes.
    func expectReading(_ range: Range<Int>) {
        file.expectReading(range)
    }
}

extension CacheError {
    /// A refusal of the system.
    ///
    /// - Parameter byteCount: bytes that room was asked for.
    init(_ error: FileError, byteCount: Int = 0) {
        switch (error.kind, error.cause) {
        case (.noRoom, _), (.tooLong, _):
            self = .diskFull(path: error.path, byteCount: byteCount, reason: error.reason)
        case (_, .irregular):
            self = .ioFailed(operation: "read", path: error.path, reason: "It is not a regular file")
        default:
            let operation =
                error.operation == .rename ? "put a file in the place of" : error.operation.rawValue
            self = .ioFailed(operation: operation, path: error.path, reason: error.reason)
        }
    }
}
