/// What a sequence does to keep its sealed pages on disk; nothing where they stay in memory.
extension SequenceCache {
    /// Bytes of the pages on disk, not counting what rounds their file ranges up. Forks that share a page count it each.
    package var storedByteCount: Int { layerCaches.reduce(0) { $0 + $1.storedByteCount } }

    /// The open page file, for whoever looks at it from outside: tests damage it through this. Nil in memory.
    package var pageFileDescriptor: CInt? { offload?.disk.file.descriptor }

    static func offload(_ placement: Placement, pool: PagePool) throws(CacheError) -> Offload? {
        guard case .disk(let directory) = placement else { return nil }
        return Offload(try pool.disk(in: directory))
    }

    /// Under reserved growth: all frames and file ranges there will ever be.
    func reserveDisk(from pages: inout ArraySlice<Page>) throws(CacheError) {
        guard let offload, case .reserved(let capacity) = configuration.growth else { return }
        offload.frames.resize(to: plan.frames(tokenCount: capacity).count, from: &pages)
        let chunkLength = configuration.chunkLength
        let byteCounts = plan.layers.map { layer in
            let count = layer.mostPages(capacity: capacity, chunkLength: chunkLength).stored
            return (0..<count).map(layer.sealedByteCount)
        }
        var fileRanges = try offload.disk.file.reserve(byteCounts.flatMap { $0 })[...]
        for index in layerCaches.indices {
            layerCaches[index].fileRanges = Array(fileRanges.prefix(byteCounts[index].count))
            fileRanges = fileRanges.dropFirst(byteCounts[index].count)
        }
    }

    /// Waits until all pages asked for are on disk, so that their memory is free.
    ///
    /// - Throws: what kept them from it; they stay in memory then, and are asked for again by the next pass.
    package func finishTransfers() throws(CacheError) {
        guard let offload else { return }
        try? offload.endReading()
        defer {
            for index in layerCaches.indices { layerCaches[index].dropStored() }
        }
        try offload.finishWriting()
    }

    // MARK: A pass

    /// Slots for the pages that the next pass seals, layer by layer.
    func missingFileRanges(_ newTokenCount: Int) throws(CacheError) -> [[FileRange]] {
        guard let offload else { return [] }
        let byteCounts = layerCaches.map {
            $0.missingFileRanges(tokenCount: tokenCount, newTokenCount: newTokenCount)
        }
        guard byteCounts.contains(where: { !$0.isEmpty }) else { return [] }
        var fileRanges = try offload.disk.file.reserve(byteCounts.flatMap { $0 })[...]
        return byteCounts.map { byteCounts in
            defer { fileRanges = fileRanges.dropFirst(byteCounts.count) }
            return Array(fileRanges.prefix(byteCounts.count))
        }
    }

    /// Sizes of the frames that are needed and not there.
    var missingFrames: [Int] {
        guard let offload else { return [] }
        let frames = plan.frames(tokenCount: tokenCount)
        return Array(repeating: frames.byteCount, count: 2 * max(0, frames.count - offload.frames.count))
    }

    /// Takes file ranges and frames for the next pass.
    func prepareDisk(_ fileRanges: [[FileRange]], frames: inout ArraySlice<Page>) {
        guard let offload else { return }
        for (index, fileRanges) in fileRanges.enumerated() { layerCaches[index].fileRanges += fileRanges }
        let count = max(offload.frames.count, plan.frames(tokenCount: tokenCount).count)
        offload.frames.resize(to: count, from: &frames)
        for index in layerCaches.indices {
            layerCaches[index].place(in: offload.frames.frames(ofLayer: index))
        }
    }

    /// Asks for a layer's pages; called when nobody uses the layer two before it any more.
    func prefetch(layer: Int, intoFrames: Bool = true) {
        guard let offload, layerCaches.indices.contains(layer) else { return }
        offload.beginSplits(layer: layer)
        if intoFrames {
            offload.read(layerCaches[layer].reads, layer: layer)
        } else if offload.isSlow {
            offload.fetch(layerCaches[layer].storedFileRanges)
        }
    }

    /// Asks for what the pass has sealed to be written.
    func writeBehind() {
        guard let offload else { return }
        var writes: [PageWrite] = []
        var pages: [Page] = []
        for index in layerCaches.indices {
            let layer = layerCaches[index].writes()
            writes += layer.writes
            pages += layer.pages
        }
        offload.write(writes, of: pages)
    }

    // MARK: Rewinding

    /// Reads back the pages that a rewind to `count` ends in; false where that can't be done.
    func reopen(for count: Int) -> Bool {
        guard offload != nil, count < tokenCount else { return true }
        do throws(CacheError) {
            for index in layerCaches.indices { try layerCaches[index].reopen(for: count, pool: pool) }
            return true
        } catch {
            for index in layerCaches.indices { layerCaches[index].forgetReopened() }
            return false
        }
    }

    /// Lets go of all frames until the next pass; those that were reserved up front stay.
    package func releaseFrames() {
        guard let offload, configuration.growth == .dynamic else { return }
        try? offload.endReading()
        var none: ArraySlice<Page> = []
        offload.frames.resize(to: 0, from: &none)
    }

    /// Lets go of frames that fewer tokens don't need.
    func trimFrames() {
        guard let offload, configuration.growth == .dynamic else { return }
        var none: ArraySlice<Page> = []
        offload.frames.resize(to: plan.frames(tokenCount: tokenCount).count, from: &none)
    }
}
