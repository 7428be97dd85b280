import NuthatchTensors
import Synchronization

/// Where pages come from and go back to; counts every byte it hands out.
///
/// Invariants, under the lock:
///  - `live` is the bytes of all pages in some cache, `idle` of those kept for reuse; live + idle <= budget;
///  - a request is granted whole or not at all, and refused before anything is written;
///  - a page handed out is zero throughout: what a former owner left, NaN and infinities too, is never read.
///
/// Taking and giving back cost O(1) per page beside the zeroing. Pages of equal size replace each other,
/// whatever their layers.
package final class PagePool: Sendable {
    /// Bytes, as of one moment.
    package struct Usage: Sendable, Equatable {
        /// Bytes of pages in caches.
        package var live = 0
        /// Bytes of pages nobody holds, kept for the next request.
        package var idle = 0
        /// The most `live` has been.
        package var peak = 0

        package init(live: Int = 0, idle: Int = 0, peak: Int = 0) {
            self.live = live
            self.idle = idle
            self.peak = peak
        }
    }

    private struct IdlePages: Sendable {
        let byteCount: Int
        var addresses: [Address] = []
    }

    private struct State {
        var usage = Usage()
        /// A list for each byte count, of which there are few: one or two for each kind of layer. Not a dictionary,
        /// whose lists can't be changed in place without asking for memory.
        var idlePages: [IdlePages] = []
        /// By directory.
        var disks: [String: PageDisk] = [:]
    }

    package let byteBudget: Int?
    private let state = Mutex(State())

    /// - Parameter byteBudget: the most bytes of pages alive at once; nil leaves it to the system.
    package init(byteBudget: Int? = nil) {
        self.byteBudget = byteBudget
    }

    deinit {
        trim()
    }

    package var usage: Usage { state.withLock { $0.usage } }

    /// Returns idle pages to the system.
    package func trim() {
        let idle = state.withLock { state in
            let idle = state.idlePages
            state.idlePages = []
            state.usage.idle = 0
            return idle
        }
        for list in idle {
            for address in list.addresses { address.free(byteCount: list.byteCount) }
        }
    }

    /// The page file of a directory, made when it is first asked for.
    func disk(in directory: String) throws(CacheError) -> PageDisk {
        try state.withLock { state throws(CacheError) in
            if let disk = state.disks[directory] { return disk }
            let disk = try PageDisk(directory: directory)
            state.disks[directory] = disk
            return disk
        }
    }

    /// Zeroed pages of these sizes, in their order: all, or none.
    func take(_ byteCounts: [Int]) throws(CacheError) -> [Page] {
        let reused = try grant(byteCounts)
        var pages: [Page] = []
        pages.reserveCapacity(byteCounts.count)
        for (index, byteCount) in byteCounts.enumerated() {
            guard
                let memory = reused[index].memory
                    ?? PageMemory.allocate(byteCount: byteCount, alignment: PageLayout.alignment)
            else {
                // Pages made so far give themselves back when the array goes.
                let missing = byteCounts[index...].reduce(0, +)
                let inUse = withdraw(byteCounts[index...], reused[index...])
                throw .outOfMemory(byteCount: missing, inUse: inUse, budget: nil)
            }
            let page = Page(memory: memory, byteCount: byteCount, pool: self)
            page.clear()
            pages.append(page)
        }
        return pages
    }

    /// Called by a page's last owner.
    func takeBack(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        let address = Address(memory)
        state.withLock { state in
            state.usage.live -= byteCount
            state.usage.idle += byteCount
            guard let index = state.idlePages.firstIndex(where: { $0.byteCount == byteCount }) else {
                state.idlePages.append(IdlePages(byteCount: byteCount, addresses: [address]))
                return
            }
            state.idlePages[index].addresses.append(address)
        }
    }

    /// Counts the request as live and finds it what idle pages there are, or refuses it.
    private func grant(_ byteCounts: [Int]) throws(CacheError) -> [Address] {
        let asked = byteCounts.reduce(0, +)
        let budget = byteBudget
        let (addresses, isOver) = try state.withLock { state throws(CacheError) -> ([Address], Bool) in
            let live = state.usage.live + asked
            if let budget, live > budget {
                throw .outOfMemory(byteCount: asked, inUse: state.usage.live, budget: budget)
            }
            state.usage.live = live
            state.usage.peak = max(state.usage.peak, live)
            let addresses = byteCounts.map { byteCount in
                guard let index = state.idlePages.firstIndex(where: { $0.byteCount == byteCount }),
                    let address = state.idlePages[index].addresses.popLast()
                else { return Address() }
                state.usage.idle -= byteCount
                return address
            }
            return (addresses, budget.map { live + state.usage.idle > $0 } ?? false)
        }
        // Idle pages of sizes nobody asks for any more must not push the sum over the budget.
        if isOver { trim() }
        return addresses
    }

    /// Undoes the part of a grant that could not be had; returns the bytes then live.
    private func withdraw(_ byteCounts: ArraySlice<Int>, _ reused: ArraySlice<Address>) -> Int {
        for (address, byteCount) in zip(reused, byteCounts) { address.free(byteCount: byteCount) }
        return state.withLock { state in
            state.usage.live -= byteCounts.reduce(0, +)
            return state.usage.live
        }
    }
}

/// An idle page's memory, as a number: pointers may not cross the lock. Zero for none.
private struct Address: Sendable {
    private let bits: UInt

    init() { bits = 0 }

    init(_ memory: UnsafeMutableRawPointer) { bits = UInt(bitPattern: memory) }

    var memory: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: bits) }

    func free(byteCount: Int) {
        if let memory { PageMemory.free(memory, byteCount: byteCount) }
    }
}
