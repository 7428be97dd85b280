import NuthatchTensors
import Synchronization

/// A file that holds pages: memory's larger, slower neighbour.
///
///     0          4096 * k
///     | slot     | slot            | free extent           | slot     | ... end
///     | page |pad| page        |pad|                       | page |pad|
///
/// Invariants:
///  - slots start at multiples of 4,096 bytes and never overlap; live + idle bytes = the file's length;
///  - every byte of the file has room on the disk from when its slot is reserved, so that writing a page
///    can't meet a full disk;
///  - a page is handed out only if it has the checksum of what was written to its slot, which is kept in
///    memory and depends on the place: bytes of another slot, or older ones of this, do not pass;
///  - the file has no name. It is removed from its directory at once after it was made, so nobody else opens
///    or removes it, and whatever ends this process, the system takes the space back.
///
/// Reserving and giving back cost O(free extents); reading and writing take no lock.
package final class PageFile: Sendable {
    /// The unit of slots: a page of memory on most systems, and a block of most file systems.
    package static let alignment = 4096

    /// Bytes on disk, as of one moment.
    package struct Usage: Sendable, Equatable {
        /// Bytes of slots in use, each rounded up to the unit.
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
    package func reserve(_ byteCounts: [Int]) throws(CacheError) -> [PageSlot] {
        precondition(byteCounts.allSatisfy { $0 > 0 }, "a slot holds at least one byte")
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
        return zip(offsets, byteCounts).map { PageSlot(file: self, offset: $0, byteCount: $1) }
    }

    /// Called by a slot's last owner. A file that nobody has pages in any more gives its room back.
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

    /// Writes a page of the slot's size, which must not be read or written meanwhile.
    ///
    /// - Throws: `CacheError.ioFailed`, `CacheError.diskFull`; the slot then holds no page.
    package func write(_ memory: UnsafeRawPointer, to slot: PageSlot) throws(CacheError) {
        precondition(slot.file === self, "a slot belongs to one file")
        let page = UnsafeRawBufferPointer(start: memory, count: slot.byteCount)
        slot.beginWriting()
        try file.write(page, at: slot.offset)
        slot.endWriting(checksum: PageChecksum.of(page, seed: UInt64(slot.offset)))
    }

    /// Reads the slot's page into memory of its size. Any number of threads may, at once.
    ///
    /// - Throws: `CacheError.damagedPage` where the bytes are not those written, `CacheError.ioFailed`;
    ///   what is in the memory then means nothing.
    package func read(_ slot: PageSlot, into memory: UnsafeMutableRawPointer) throws(CacheError) {
        precondition(slot.file === self, "a slot belongs to one file")
        try Self.read([slot], into: memory, frameByteCount: Self.extent(slot.byteCount))
    }

    /// Reads pages into frames that lie one behind the other; those that do in the file too are asked for at once.
    ///
    /// - Parameter frameByteCount: from frame to frame, at least each slot's extent; the last frame may end with
    ///   its page.
    /// - Throws: as `read(_:into:)`.
    static func read(
        _ slots: [PageSlot], into memory: UnsafeMutableRawPointer, frameByteCount: Int
    ) throws(CacheError) {
        var first = 0
        while first < slots.count {
            let slot = slots[first]
            var end = first + 1
            while end < slots.count, slots[end].file === slot.file,
                slots[end].offset == slot.offset + (end - first) * frameByteCount
            {
                end += 1
            }
            let last = slots[end - 1]
            let start = memory + first * frameByteCount
            let count = try slot.file.file.read(
                at: slot.offset,
                into: UnsafeMutableRawBufferPointer(
                    start: start, count: last.offset + last.byteCount - slot.offset))
            for slot in slots[first..<end] {
                let offset = slot.offset - slots[first].offset
                try slot.file.check(slot, in: start + offset, available: count - offset)
            }
            first = end
        }
    }

    /// - Parameter available: bytes that were read into the slot's memory, and behind it.
    private func check(
        _ slot: PageSlot, in memory: UnsafeMutableRawPointer, available: Int
    ) throws(CacheError) {
        guard let expected = slot.writtenChecksum else { throw damage(slot, .neverWritten) }
        guard available >= slot.byteCount else {
            throw damage(slot, .missingBytes(available: max(0, available)))
        }
        let page = UnsafeRawBufferPointer(start: memory, count: slot.byteCount)
        let found = PageChecksum.of(page, seed: UInt64(slot.offset))
        guard found == expected else { throw damage(slot, .checksum(expected: expected, found: found)) }
    }

    /// Tells the system that slots' pages are wanted soon.
    func expectReading(_ range: Range<Int>) {
        file.expectReading(range)
    }

    private func damage(_ slot: PageSlot, _ fault: PageFault) -> CacheError {
        .damagedPage(path: path, offset: slot.offset, byteCount: slot.byteCount, fault: fault)
    }
}
