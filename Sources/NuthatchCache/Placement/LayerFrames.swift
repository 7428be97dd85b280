/// Memory for the pages of two layers that come from disk: the one in use and the next.
///
///     even layers    | frame 0 | frame 1 | ...      the k-th stored page of the layer in use, or the next one
///     odd layers     | frame 0 | frame 1 | ...
///
/// A layer's reading begins when the layer before it is entered: by then everybody has left the one before that,
/// whose frames it takes. Frames are as many and as large as `CachePlan` says.
struct LayerFrames {
    private var sets: [[Page]] = [[], []]
    private var readings: [Reading?] = [nil, nil]

    private struct Reading {
        let layer: Int
        let transfer: Transfer
    }

    /// Frames per set.
    var count: Int { sets[0].count }

    var pages: [Page] { Array(sets.joined()) }

    var byteCount: Int { sets.joined().reduce(0) { $0 + $1.byteCount } }

    /// The frames of a layer.
    func frames(ofLayer layer: Int) -> [Page] { sets[layer % 2] }

    /// Adds frames to both sets, or drops what is beyond `count`.
    mutating func resize(to count: Int, from supply: inout ArraySlice<Page>) {
        for index in sets.indices {
            if sets[index].count > count { sets[index].removeLast(sets[index].count - count) }
            while sets[index].count < count, let page = supply.popFirst() { sets[index].append(page) }
        }
    }

    // MARK: A pass

    mutating func begin(_ transfer: Transfer, layer: Int) {
        readings[layer % 2] = Reading(layer: layer, transfer: transfer)
    }

    /// Waits for a layer's pages; returns at once where none were asked for.
    func wait(forLayer layer: Int) throws(CacheError) {
        guard let reading = readings[layer % 2], reading.layer == layer else { return }
        try reading.transfer.wait()
    }

    /// Waits until nothing writes to the frames any more, whatever came of it.
    mutating func end() {
        for reading in readings { try? reading?.transfer.wait() }
        readings = [nil, nil]
    }
}
