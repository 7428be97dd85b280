import CNuthatchKernels

extension SequenceCache {
    /// What a layer holds, as floats: exactly what attention reads.
    package struct LayerContents: Equatable, Sendable {
        /// The positions kept, oldest first; a window layer keeps whole pages, so a few more than its window.
        package let positions: Range<Int>
        /// [kvHead, position, keyDimension]
        package let keys: [Float]
        /// [kvHead, position, valueDimension]
        package let values: [Float]

        package init(positions: Range<Int>, keys: [Float], values: [Float]) {
            self.positions = positions
            self.keys = keys
            self.values = values
        }
    }

    /// Reads a layer's keys and values back.
    package func read(layer: Int) -> LayerContents {
        let cache = layerCaches[layer]
        let layout = cache.layout
        let positions = min(cache.firstHeldPosition, tokenCount)..<tokenCount
        var keys: [Float] = []
        var values: [Float] = []
        keys.reserveCapacity(layout.kvHeadCount * positions.count * layout.keyDimension)
        values.reserveCapacity(layout.kvHeadCount * positions.count * layout.valueDimension)
        for kvHead in 0..<layout.kvHeadCount {
            var reader = PageReader(layout, kvHead: kvHead)
            for position in positions {
                let page = position / layout.pageLength
                reader.open(page, memory: cache.addresses[page - cache.firstPage])
                let slot = position % layout.pageLength
                for dimension in 0..<layout.keyDimension { keys.append(reader.key(slot, dimension)) }
                for dimension in 0..<layout.valueDimension { values.append(reader.value(slot, dimension)) }
            }
        }
        return LayerContents(positions: positions, keys: keys, values: values)
    }
}

/// One head's part of one page at a time, widened to floats.
private struct PageReader {
    private let layout: PageLayout
    private let plane: nuthatch_head_plane
    private let table = AttentionKernels.best.table
    private var page: Int?
    /// [panel of slots][keyDimension][16]
    private var keys: [Float]
    /// [panel of dimensions][pageLength][16]
    private var values: [Float]

    init(_ layout: PageLayout, kvHead: Int) {
        self.layout = layout
        plane = layout.plane(kvHead: kvHead)
        keys = Array(repeating: 0, count: layout.pageLength * layout.keyDimension)
        values = Array(repeating: 0, count: layout.pageLength * layout.paddedValueDimension)
    }

    mutating func open(_ index: Int, memory: UnsafeRawPointer) {
        guard page != index else { return }
        page = index
        table.pointee.widen(memory + plane.key_offset, plane.key_storage, keys.count, &keys)
        table.pointee.widen(memory + plane.value_offset, plane.value_storage, values.count, &values)
    }

    func key(_ slot: Int, _ dimension: Int) -> Float {
        let width = PageLayout.panelWidth
        return keys[(slot / width * layout.keyDimension + dimension) * width + slot % width]
    }

    func value(_ slot: Int, _ dimension: Int) -> Float {
        let width = PageLayout.panelWidth
        return values[(dimension / width * layout.pageLength + slot) * width + dimension % width]
    }
}
