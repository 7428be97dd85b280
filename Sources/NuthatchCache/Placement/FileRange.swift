import Synchronization

/// The place of one page in a page file. The last owner to let go of it gives it back to the file.
///
/// Reference counted as pages are: a fork shares the file ranges of its origin. A file range is written once, by
/// whoever reserved it, before it is shared.
package final class FileRange: Sendable {
    package let file: PageFile
    /// Bytes from the file's first.
    package let offset: Int
    package let byteCount: Int
    private let checksum = Atomic<UInt64>(0)
    private let isWritten = Atomic<Bool>(false)

    init(file: PageFile, offset: Int, byteCount: Int) {
        self.file = file
        self.offset = offset
        self.byteCount = byteCount
    }

    deinit {
        file.takeBack(offset: offset, byteCount: byteCount)
    }

    /// The checksum of the page written here; nil before that, and after a write that failed.
    var writtenChecksum: UInt64? {
        isWritten.load(ordering: .acquiring) ? checksum.load(ordering: .relaxed) : nil
    }

    func beginWriting() {
        isWritten.store(false, ordering: .relaxed)
    }

    func endWriting(checksum: UInt64) {
        self.checksum.store(checksum, ordering: .relaxed)
        isWritten.store(true, ordering: .releasing)
    }
}
