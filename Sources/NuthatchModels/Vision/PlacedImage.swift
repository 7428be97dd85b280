package import NuthatchCache
import NuthatchTensors

/// An image among the tokens of an entry of a pass.
package struct PlacedImage {
    /// Which of the pass's entries.
    package let entry: Int
    package let grid: TokenGrid
    /// A vector for each of its tokens.
    package let features: ImageFeatures

    package init(entry: Int = 0, grid: TokenGrid, features: ImageFeatures) {
        self.entry = entry
        self.grid = grid
        self.features = features
    }
}

extension [PlacedImage] {
    /// The images of an entry: those its cache knows, and those that begin in this pass.
    func grids(of entry: CacheBatch.Entry, _ index: Int) -> SequenceGrids {
        var grids = entry.cache.content.images
        for image in begun(in: entry, index) { grids.append(image) }
        return grids
    }

    /// The images that begin among an entry's tokens.
    func begun(in entry: CacheBatch.Entry, _ index: Int) -> [TokenGrid] {
        guard !isEmpty else { return [] }
        let positions = entry.cache.tokenCount..<entry.cache.tokenCount + entry.rows.count
        return filter { $0.entry == index && $0.begins(in: positions) }.map(\.grid)
    }

    /// What a row of an entry begins with, where it is of an image.
    func vector(at position: Int, ofEntry entry: Int) -> UnsafePointer<Float>? {
        guard let image = first(where: { $0.entry == entry && $0.grid.range.contains(position) }) else {
            return nil
        }
        return UnsafePointer(image.features.rows[position - image.grid.start])
    }
}

extension PlacedImage {
    func begins(in positions: Range<Int>) -> Bool { positions.contains(grid.start) }
}

extension Decoder {
    /// Whether a pass's images fit its entries: each row of an image has its vector, and nothing is of two images.
    func check(_ images: [PlacedImage], _ entries: [CacheBatch.Entry]) throws(ModelError) {
        for (index, entry) in entries.enumerated() {
            let positions = entry.cache.tokenCount..<entry.cache.tokenCount + entry.rows.count
            var end = entry.cache.content.images.end
            for image in images where image.entry == index && image.grid.range.overlaps(positions) {
                try check(image, in: entry)
                guard image.begins(in: positions) else { continue }
                guard image.grid.start >= end else {
                    throw .invalidBatch(reason: "two images of entry \(index) overlap, or are out of order")
                }
                end = image.grid.range.upperBound
            }
            // What is left of an image that the cache has the beginning of.
            guard let begun = entry.cache.content.images.grid(at: positions.lowerBound) else { continue }
            guard images.contains(where: { $0.entry == index && $0.grid == begun }) else {
                throw .invalidBatch(
                    reason:
                        "entry \(index) goes on within an image of which its cache has the beginning, without it"
                )
            }
        }
        guard images.allSatisfy({ entries.indices.contains($0.entry) }) else {
            throw .invalidBatch(reason: "an image is of an entry that is not there")
        }
    }

    private func check(_ image: PlacedImage, in entry: CacheBatch.Entry) throws(ModelError) {
        guard image.features.rows.rowCount == image.grid.tokenCount,
            image.features.rows.columnCount == specification.embeddingWidth
        else {
            throw .invalidBatch(
                reason:
                    "an image of \(image.grid.tokenCount) tokens of \(specification.embeddingWidth) numbers has "
                    + "\(image.features.rows.rowCount) vectors of \(image.features.rows.columnCount)")
        }
        guard stack.rotaries.allSatisfy({ $0.sections != nil }), specification.embedding.positions == nil
        else {
            throw .imagesNotRead(family: family)
        }
        guard entry.cache.plan.distantLimit == nil else { throw .imagesWithDistantPositions }
        if image.grid.start < entry.cache.tokenCount {
            guard entry.cache.content.images.grid(at: image.grid.start) == image.grid else {
                throw .invalidBatch(reason: "the cache has other tokens where an image begins")
            }
        }
    }
}
