import NuthatchTensors
import Synchronization

/// A page to be read, and where to.
package struct PageRead: Sendable {
    let fileRange: FileRange
    // Safe to share: the mover alone writes there until the transfer is done, as whoever asked has promised.
    nonisolated(unsafe) let memory: UnsafeMutableRawPointer

    /// - Parameter memory: room for the file range's bytes; it stays valid and untouched until the transfer is done.
    package init(_ fileRange: FileRange, into memory: UnsafeMutableRawPointer) {
        self.fileRange = fileRange
        self.memory = memory
    }
}

/// A page to be written, and where to.
package struct PageWrite: Sendable {
    // Safe to share: nobody writes there until the transfer is done, as whoever asked has promised.
    nonisolated(unsafe) let memory: UnsafeRawPointer
    let fileRange: FileRange

    /// - Parameter memory: the file range's bytes; they stay valid and the same until the transfer is done.
    package init(_ memory: UnsafeRawPointer, to fileRange: FileRange) {
        self.memory = memory
        self.fileRange = fileRange
    }
}

/// Moves pages between memory and page files on a thread of its own, while others compute.
///
/// Invariants: transfers happen one after the other in the order asked for, so a page whose writing was asked
/// for can be asked back at once; each is done, or has failed, before the next begins; a failure ends its own
/// transfer only. An idle mover sleeps. A mover that goes finishes what it was asked for first.
///
/// Reading through a mover hides the disk, not the copying: pages that the system still has in memory are
/// copied at the speed of memory, by a thread that takes a core from those that compute. Where there are no
/// cores to spare, workers do better to copy the pages they need themselves (`PageFile.read`, into a frame
/// that stays in their own cache) and to have the mover only fetch what is to come (`fetch`). In a model of a
/// decode step on two cores (about 100 MB of weights, 3,750 pages of 49,152 bytes, a warm page cache) the first
/// way kept 0.36 (nothing else running) to 0.55 of the speed of pages in memory, the second 0.57 to 0.64.
package final class PageMover: Sendable {
    private let desk = Desk()
    private let thread: SystemThread

    /// - Throws: `CacheError.noThread`.
    package init() throws(CacheError) {
        guard let thread = SystemThread("nuthatch-pages", stack: .shallow, { [desk] in desk.serve() }) else {
            throw .noThread
        }
        self.thread = thread
    }

    deinit {
        desk.close()
        thread.join()
    }

    /// Reads pages, in this order.
    package func read(_ pages: [PageRead]) -> Transfer {
        desk.submit(.read(pages))
    }

    /// Has the system bring pages into its own memory, so that reading them soon after is copying only.
    ///
    /// The transfer is done when the system was asked, which is before it has them. For a page that is there
    /// already it costs 0.7 microseconds (49,152 bytes).
    package func fetch(_ fileRanges: [FileRange]) -> Transfer {
        desk.submit(.fetch(fileRanges))
    }

    /// Writes pages, in this order.
    package func write(_ pages: [PageWrite]) -> Transfer {
        desk.submit(.write(pages))
    }
}

/// What a mover was asked for and has not begun.
private final class Desk: Sendable {
    enum Work: Sendable {
        case read([PageRead])
        case write([PageWrite])
        case fetch([FileRange])

        func run() throws(CacheError) {
            switch self {
            case .read(let pages):
                Self.announce(pages.map(\.fileRange))
                for page in pages { try page.fileRange.file.read(page.fileRange, into: page.memory) }
            case .write(let pages):
                for page in pages { try page.fileRange.file.write(page.memory, to: page.fileRange) }
            case .fetch(let fileRanges):
                Self.announce(fileRanges)
            }
        }

        /// Pages of one layer lie far apart where layers took turns to write them; a disk that knows them all
        /// fetches them side by side (12 % sooner on the disk this was tried on). Adjacent ones are announced
        /// as one.
        private static func announce(_ fileRanges: [FileRange]) {
            var rest = fileRanges[...]
            while let first = rest.popFirst() {
                var range = first.offset..<first.offset + first.byteCount
                while let next = rest.first, next.file === first.file,
                    (0..<PageFile.alignment).contains(next.offset - range.upperBound)
                {
                    range = range.lowerBound..<next.offset + next.byteCount
                    rest.removeFirst()
                }
                first.file.expectReading(range)
            }
        }
    }

    private struct Job {
        var work: Work?
        let transfer: Transfer

        /// What it holds goes before anybody hears of the end, so that whoever waits finds its file ranges returned.
        mutating func run() {
            do throws(CacheError) {
                try work?.run()
                work = nil
                transfer.finish(nil)
            } catch {
                work = nil
                transfer.finish(error)
            }
        }
    }

    /// First in, first out: what came in is turned round whenever nothing is left to go out.
    private struct Queue {
        private var incoming: [Job] = []
        private var outgoing: [Job] = []
        var isClosed = false

        var isEmpty: Bool { incoming.isEmpty && outgoing.isEmpty }

        mutating func append(_ job: Job) {
            incoming.append(job)
        }

        mutating func next() -> Job? {
            if outgoing.isEmpty {
                outgoing.append(contentsOf: incoming.reversed())
                incoming.removeAll(keepingCapacity: true)
            }
            return outgoing.popLast()
        }
    }

    private let queue = Mutex(Queue())
    private let lobby = Lobby()
    // Safe to share: a mutex and a condition are made to be used by many threads.
    nonisolated(unsafe) private let parking = Parking()

    func submit(_ work: Work) -> Transfer {
        let transfer = Transfer(lobby)
        queue.withLock { $0.append(Job(work: work, transfer: transfer)) }
        parking.wakeAll()
        return transfer
    }

    func close() {
        queue.withLock { $0.isClosed = true }
        parking.wakeAll()
    }

    /// The thread's life: job after job until there are none and there will be none.
    func serve() {
        while true {
            parking.sleep { queue.withLock { $0.isEmpty && !$0.isClosed } }
            guard var job = queue.withLock({ $0.next() }) else { return }
            job.run()
        }
    }
}

/// A directory's page file and the thread that moves pages there and back, shared by all sequences of a pool.
final class PageDisk: Sendable {
    let file: PageFile
    let mover: PageMover

    /// - Throws: `CacheError.ioFailed` where the directory takes no file, `CacheError.noThread`.
    init(directory: String) throws(CacheError) {
        file = try PageFile(directory: directory)
        mover = try PageMover()
    }
}
