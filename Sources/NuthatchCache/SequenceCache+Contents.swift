import CNuthatchKernels

extension SequenceCache {
    /// What a layer holds, as floats: exactly what attention reads.
    package struct LayerContents: Equatable, Sendable {
        /// The positions kept, ascending; a window layer keeps whole pages, so a few more than its window.
        package let positions: [Int]
        /// [kvHead, position, keyDimension]
        package let keys: [Float]
        /// [kvHead, position, valueDimension]
        package let values: [Float]

        package init(positions: [Int], keys: [Float], values: [Float]) {
            self.positions = positions
            self.keys = keys
            self.values = values
        }
    }

    /// Reads a layer's keys and values back, as the next token's query reads them: from sealed pages where it
    /// does. What is held rotated is turned back.
    ///
    /// - Throws: `CacheError.damagedPage`, `CacheError.ioFailed` where a page on disk can't be read.
    package func read(layer: Int) throws(CacheError) -> LayerContents {
        try read(layer: layer, tokenCount: tokenCount)
    }

    /// Keys and values in the middle of a pass, as its rows read them: what they brought included, and all that they
    /// see.
    package func readReserved(layer: Int) throws(CacheError) -> LayerContents {
        try read(layer: layer, tokenCount: reservedTokenCount)
    }

    private func read(layer: Int, tokenCount: Int) throws(CacheError) -> LayerContents {
        let cache = layerCaches[layer]
        let layout = cache.plan.openLayout
        let positions = cache.keptPositions(tokenCount: tokenCount)
        var keys: [Float] = []
        var values: [Float] = []
        keys.reserveCapacity(layout.kvHeadCount * positions.count * layout.keyDimension)
        values.reserveCapacity(layout.kvHeadCount * positions.count * layout.valueDimension)
        for kvHead in 0..<layout.kvHeadCount {
            var reader = PageReader(cache, kvHead: kvHead, tokenCount: tokenCount)
            for position in positions {
                try reader.open(position / layout.pageLength)
                let slot = position % layout.pageLength
                for dimension in 0..<layout.keyDimension { keys.append(reader.key(slot, dimension)) }
                for dimension in 0..<layout.valueDimension { values.append(reader.value(slot, dimension)) }
            }
        }
        if configuration.rotation.contains(.keys) { Hadamard.rotate(&keys, dimension: layout.keyDimension) }
        if configuration.rotation.contains(.values) {
            Hadamard.rotate(&values, dimension: cache.plan.rotatedValueDimension)
        }
        return LayerContents(positions: positions, keys: keys, values: values)
    }
}

/// One head's part of one page at a time, as floats.
private struct PageReader {
    private let cache: LayerCache
    private let layout: PageLayout
    private let kvHead: Int
    private let tokenCount: Int
    private let table = AttentionKernels.best.table
    private var number: Int?
    /// For a page that comes from disk.
    private let buffer: PageBuffer
    /// [panel of slots][keyDimension][16]
    private var keys: [Float]
    /// [panel of dimensions][pageLength][16]
    private var values: [Float]
    /// Slots of a coded page 0 that stayed exact, in the same panels, one of slots.
    private var exactKeys: [Float]
    private var exactValues: [Float]
    private var exactCount = 0

    init(_ cache: LayerCache, kvHead: Int, tokenCount: Int) {
        self.cache = cache
        layout = cache.plan.openLayout
        self.kvHead = kvHead
        self.tokenCount = tokenCount
        buffer = PageBuffer(byteCount: max(layout.byteCount, cache.plan.sealedByteCount(of: 0)))
        keys = Array(repeating: 0, count: layout.pageLength * layout.keyDimension)
        values = Array(repeating: 0, count: layout.pageLength * layout.paddedValueDimension)
        exactKeys = Array(repeating: 0, count: PageLayout.panelWidth * layout.keyDimension)
        exactValues = Array(repeating: 0, count: PageLayout.panelWidth * layout.paddedValueDimension)
    }

    mutating func open(_ page: Int) throws(CacheError) {
        guard number != page, let form = cache.form(of: page, tokenCount: tokenCount) else { return }
        number = page
        let content = try form.page.read(buffer)
        var plane = form.layout.plane(kvHead: kvHead)
        table.pointee.read_plane(content, &plane, &keys, &values)
        exactCount = 0
        guard page == 0, let sinks = cache.plan.exactSinks, form.layout == cache.plan.sealedLayout else {
            return
        }
        exactCount = sinks.count
        plane = sinks.plane(kvHead: kvHead)
        table.pointee.read_plane(content, &plane, &exactKeys, &exactValues)
    }

    func key(_ slot: Int, _ dimension: Int) -> Float {
        let width = PageLayout.panelWidth
        if slot < exactCount { return exactKeys[dimension * width + slot] }
        return keys[(slot / width * layout.keyDimension + dimension) * width + slot % width]
    }

    func value(_ slot: Int, _ dimension: Int) -> Float {
        let width = PageLayout.panelWidth
        if slot < exactCount {
            return exactValues[(dimension / width * width + slot) * width + dimension % width]
        }
        return values[(dimension / width * layout.pageLength + slot) * width + dimension % width]
    }
}

/// Memory for one page, for as long as somebody looks at it.
final class PageBuffer {
    let memory: UnsafeMutableRawPointer

    init(byteCount: Int) {
        memory = .allocate(byteCount: byteCount, alignment: PageLayout.alignment)
    }

    deinit { memory.deallocate() }
}

extension Page {
    /// The page's bytes: where they lie, or read into `buffer`.
    func read(_ buffer: PageBuffer) throws(CacheError) -> UnsafeRawPointer {
        if let memory { return UnsafeRawPointer(memory) }
        if let fileRange { try fileRange.file.read(fileRange, into: buffer.memory) }
        return UnsafeRawPointer(buffer.memory)
    }
}
