import NuthatchTensors
import Synchronization

/// Where pages come from and go back to; counts every byte it hands out.
///
/// Invariants, under the lock:
///  - `live` is the bytes of all pages in some cache, `cached` of those that only a prefix store holds, `idle` of those
///    kept for reuse, `scratch` what attention has taken for itself; their sum is within the budget;
///  - a request is granted whole or not at all, and refused before anything is written, once what is cached has been
///    given up as far as that helps;
///  - a page handed out is zero throughout: what a former owner left, NaN and infinities too, is never read.
///
/// Taking and giving back cost O(1) per page beside the zeroing. Pages of equal size replace each other,
/// whatever their layers.
package final class PagePool: Sendable {
    /// Bytes, as of one moment.
    package struct Usage: Sendable, Equatable {
        /// Bytes of pages in caches.
        package var live = 0
        /// Bytes of pages that no cache holds, kept for sequences that begin alike (`PrefixStore`).
        package var cached = 0
        /// Bytes of pages nobody holds, kept for the next request.
        package var idle = 0
        /// Bytes that attention keeps states of splits in.
        package var scratch = 0
        /// The most that live and cached pages and scratch have been.
        package var peak = 0

        package init(live: Int = 0, cached: Int = 0, idle: Int = 0, scratch: Int = 0, peak: Int = 0) {
            self.live = live
            self.cached = cached
            self.idle = idle
            self.scratch = scratch
            self.peak = peak
        }
    }

    private struct IdlePages: Sendable {
        let byteCount: Int
        var addresses: [Address] = []
    }

    private struct State {
        /// Pages handed out are all `live` in here, cached ones too.
        var usage = Usage()
        var giveUp: GiveUp?
        /// A list for each byte count, of which there are few: one or two for each kind of layer. Not a dictionary,
        /// whose lists can't be changed in place without asking for memory.
        var idlePages: [IdlePages] = []
        /// By directory.
        var disks: [String: PageDisk] = [:]
    }

    /// Gives up about so many bytes of cached pages; false, and nothing given up, where that can't be.
    typealias GiveUp = @Sendable (_ byteCount: Int) -> Bool

    package let byteBudget: Int?
    private let state = Mutex(State())

    /// - Parameter byteBudget: the most bytes of pages alive at once; nil leaves it to the system.
    package init(byteBudget: Int? = nil) {
        self.byteBudget = byteBudget
    }

    deinit {
        trim()
    }

    package var usage: Usage {
        state.withLock { state in
            var usage = state.usage
            usage.live -= usage.cached
            return usage
        }
    }

    /// Has cached pages given up before a request is refused: called without the lock, by whoever takes pages.
    func setGiveUp(_ giveUp: GiveUp?) {
        state.withLock { $0.giveUp = giveUp }
    }

    /// Says how many bytes of the pages handed out only a prefix store holds.
    func setCached(_ byteCount: Int) {
        state.withLock { $0.usage.cached = byteCount }
    }

    /// Counts scratch memory that is no page; false, and nothing counted, where the budget has no room for it. Nothing is given
    /// up for it: whoever asks can do without.
    func charge(_ byteCount: Int) -> Bool {
        let budget = byteBudget
        let charged = state.withLock { state -> (isGranted: Bool, isOver: Bool) in
            let used = state.usage.live + state.usage.scratch + byteCount
            if let budget, used > budget { return (false, false) }
            state.usage.scratch += byteCount
            state.usage.peak = max(state.usage.peak, used)
            return (true, budget.map { used + state.usage.idle > $0 } ?? false)
        }
        if charged.isOver { trim() }
        return charged.isGranted
    }

    /// Takes scratch memory out of the count.
    func refund(_ byteCount: Int) { state.withLock { $0.usage.scratch -= byteCount } }

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
        while true {
            switch attempt(byteCounts) {
            case .success(let pages): return pages
            case .failure(let shortage):
                let giveUp = state.withLock { $0.giveUp }
                guard let giveUp, giveUp(shortage.missing) else { throw shortage.error }
                // What the system is short of, it has to get back before it can give it.
                if case .outOfMemory(_, _, nil) = shortage.error { trim() }
            }
        }
    }

    /// A refusal, and how many bytes would have to be given up to prevent it.
    private struct Shortage: Error {
        let error: CacheError
        let missing: Int
    }

    private func attempt(_ byteCounts: [Int]) -> Result<[Page], Shortage> {
        let reused: [Address]
        switch grant(byteCounts) {
        case .success(let addresses): reused = addresses
        case .failure(let shortage): return .failure(shortage)
        }
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
                return .failure(
                    Shortage(
                        error: .outOfMemory(byteCount: missing, inUse: inUse, budget: nil), missing: missing))
            }
            let page = Page(memory: memory, byteCount: byteCount, pool: self)
            page.clear()
            pages.append(page)
        }
        return .success(pages)
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
    private func grant(_ byteCounts: [Int]) -> Result<[Address], Shortage> {
        let asked = byteCounts.reduce(0, +)
        let budget = byteBudget
        let granted = state.withLock { state -> Result<([Address], isOver: Bool), Shortage> in
            let inUse = state.usage.live + state.usage.scratch
            let used = inUse + asked
            if let budget, used > budget {
                return .failure(
                    Shortage(
                        error: .outOfMemory(byteCount: asked, inUse: inUse, budget: budget),
                        missing: used - budget))
            }
            state.usage.live += asked
            state.usage.peak = max(state.usage.peak, used)
            let addresses = byteCounts.map { byteCount in
                guard let index = state.idlePages.firstIndex(where: { $0.byteCount == byteCount }),
                    let address = state.idlePages[index].addresses.popLast()
                else { return Address() }
                state.usage.idle -= byteCount
                return address
            }
            return .success((addresses, budget.map { used + state.usage.idle > $0 } ?? false))
        }
        return granted.map { granted in
            // Idle pages of sizes nobody asks for any more must not push the sum over the budget.
            if granted.isOver { trim() }
            return granted.0
        }
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
