import NuthatchTensors
import Synchronization

/// A file that holds pages: memory's larger, slower neighbour.
///
///     0          4096 * k
///     | file range     | file range            | free extent           | file range     | ... end
///     | page |pad| page        |pad|                       | page |pad|
///
/// Invariants:
///  - file ranges start at multiples of 4,096 bytes and never overlap; live + idle bytes = the file's length;
///  - every byte of the file has room on the disk from when its file range is reserved, so that writing a page
///    can't meet a full disk;
///  - a page is handed out only if it has the checksum of what was written to its file range, which is kept in
///    memory and depends on the place: bytes of another file range, or older ones of this, do not pass;
///  - the file has no name. It is removed from its directory at once after it was made, so nobody else opens
///    or removes it, and whatever ends this process, the system takes the space back.
///
/// Reserving and giving back cost O(free extents); reading and writing take no lock.
package final class PageFile: Sendable {
    /// The unit of file ranges: a page of memory on most systems, and a block of most file systems.
    package static let alignment = 4096

    /// Bytes on disk, as of one moment.
    package struct Usage: Sendable, Equatable {
        /// Bytes of file ranges in use, each rounded up to the unit.
        package var live = 0
        /// Bytes of the rest of the file.
        package var idle = 0
        /// The longest the file has been.
        package var peak = 0

        package init(live: Int = 0, idle: Int = 0, peak: Int = 0) {
            self.live = live
            self.idle = idle
            self.peak = peak
        }
    }

    private struct State {
        var free = FreeExtents()
        var end = 0
        var live = 0
        var peak = 0
    }

    package let byteLimit: Int?
    private let file: DataFile
    private let state = Mutex(State())

    /// Makes a file in `directory`, which must exist.
    ///
    /// - Parameter byteLimit: the longest the file may become; nil leaves it to the disk.
    /// - Throws: `CacheError.ioFailed`, `CacheError.diskFull`.
    package init(directory: String, byteLimit: Int? = nil) throws(CacheError) {
        let name = FileName.unique("nuthatch-pages-")
        file = try DataFile(creating: directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)")
        FileName.remove(file.path)
        self.byteLimit = byteLimit
    }

    /// The name the file had when it was made, which messages call it by.
    package var path: String { file.path }

    /// The open file, for whoever looks at it from outside: tests damage it through this.
    package var descriptor: CInt { file.descriptor }

    package var usage: Usage {
        state.withLock { Usage(live: $0.live, idle: $0.end - $0.live, peak: $0.peak) }
    }

    // MARK: Slots

    /// Slots for pages of these sizes, in their order: all, or none. What is not reused is adjacent.
    ///
    /// - Throws: `CacheError.diskBudgetExceeded`, `CacheError.diskFull`, `CacheError.ioFailed`; the file is
    ///   then as it was.
    package func reserve(_ byteCounts: [Int]) throws(CacheError) -> [FileRange] {
        precondition(byteCounts.allSatisfy { $0 > 0 }, "a fileRange holds at least one byte")
        let offsets = try state.withLock { state throws(CacheError) in
            var next = state
            let offsets = byteCounts.map { byteCount in
                let extent = Self.extent(byteCount)
                next.live += extent
                if let offset = next.free.take(extent) { return offset }
                next.end += extent
                return next.end - extent
            }
            if let byteLimit, next.end > byteLimit {
                throw .diskBudgetExceeded(
                    path: path, byteCount: next.live - state.live, inUse: state.live, budget: byteLimit)
            }
            if next.end > state.end { try file.grow(from: state.end, to: next.end) }
            next.peak = max(next.peak, next.end)
            state = next
            return offsets
        }
        return zip(offsets, byteCounts).map { FileRange(file: self, offset: $0, byteCount: $1) }
    }

    /// Called by a file range's last owner. A file that nobody has pages in any more gives its room back.
    func takeBack(offset: Int, byteCount: Int) {
        let extent = Self.extent(byteCount)
        state.withLock { state in
            state.free.give(offset..<offset + extent)
            state.live -= extent
            guard state.live == 0, (try? file.truncate(to: 0)) != nil else { return }
            state.free = FreeExtents()
            state.end = 0
        }
    }

    static func extent(_ byteCount: Int) -> Int {
        (byteCount + alignment - 1) / alignment * alignment
    }

    // MARK: Pages

    /// Writes a page of the file range's size, which must not be read or written meanwhile.
    ///
    /// - Throws: `CacheError.ioFailed`, `CacheError.diskFull`; the file range then holds no page.
    package func write(_ memory: UnsafeRawPointer, to fileRange: FileRange) throws(CacheError) {
        precondition(fileRange.file === self, "a fileRange belongs to one file")
        let page = UnsafeRawBufferPointer(start: memory, count: fileRange.byteCount)
        fileRange.beginWriting()
        try file.write(page, at: fileRange.offset)
        fileRange.endWriting(checksum: PageChecksum.of(page, seed: UInt64(fileRange.offset)))
    }

    /// Reads the file range's page into memory of its size. Any number of threads may, at once.
    ///
    /// - Throws: `CacheError.damagedPage` where the bytes are not those written, `CacheError.ioFailed`;
    ///   what is in the memory then means nothing.
    package func read(_ fileRange: FileRange, into memory: UnsafeMutableRawPointer) throws(CacheError) {
        precondition(fileRange.file === self, "a fileRange belongs to one file")
        try Self.read([fileRange], into: memory, frameByteCount: Self.extent(fileRange.byteCount))
    }

    /// Reads pages into frames that lie one behind the other; those that do in the file too are asked for at once.
    ///
    /// - Parameter frameByteCount: from frame to frame, at least each file range's extent; the last frame may end with
    ///   its page.
    /// - Throws: as `read(_:into:)`.
    static func read(
        _ fileRanges: [FileRange], into memory: UnsafeMutableRawPointer, frameByteCount: Int
    ) throws(CacheError) {
        var first = 0
        while first < fileRanges.count {
            let fileRange = fileRanges[first]
            var end = first + 1
            while end < fileRanges.count, fileRanges[end].file === fileRange.file,
                fileRanges[end].offset == fileRange.offset + (end - first) * frameByteCount
            {
                end += 1
            }
            let last = fileRanges[end - 1]
            let start = memory + first * frameByteCount
            let count = try fileRange.file.file.read(
                at: fileRange.offset,
                into: UnsafeMutableRawBufferPointer(
                    start: start, count: last.offset + last.byteCount - fileRange.offset))
            for fileRange in fileRanges[first..<end] {
                let offset = fileRange.offset - fileRanges[first].offset
                try fileRange.file.check(fileRange, in: start + offset, available: count - offset)
            }
            first = end
        }
    }

    /// - Parameter available: bytes that were read into the file range's memory, and behind it.
    private func check(
        _ fileRange: FileRange, in memory: UnsafeMutableRawPointer, available: Int
    ) throws(CacheError) {
        guard let expected = fileRange.writtenChecksum else { throw damage(fileRange, .neverWritten) }
        guard available >= fileRange.byteCount else {
            throw damage(fileRange, .missingBytes(available: max(0, available)))
        }
        let page = UnsafeRawBufferPointer(start: memory, count: fileRange.byteCount)
        let found = PageChecksum.of(page, seed: UInt64(fileRange.offset))
        guard found == expected else { throw damage(fileRange, .checksum(expected: expected, found: found)) }
    }

    /// Tells the system that file ranges' pages are wanted soon.
    func expectReading(_ range: Range<Int>) {
        file.expectReading(range)
    }

    private func damage(_ fileRange: FileRange, _ fault: PageFault) -> CacheError {
        .damagedPage(path: path, offset: fileRange.offset, byteCount: fileRange.byteCount, fault: fault)
    }
}
