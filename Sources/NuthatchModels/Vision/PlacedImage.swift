package import NuthatchCache
import NuthatchTensors

/// An image among the tokens of a sequence.
package struct PlacedImage {
    package let grid: TokenGrid
    /// A vector for each of its tokens.
    package let features: ImageFeatures

    package init(grid: TokenGrid, features: ImageFeatures) {
        self.grid = grid
        self.features = features
    }

    func begins(in positions: Range<Int>) -> Bool { positions.contains(grid.start) }
}

extension PassEntry {
    /// The images of the sequence: those its cache knows, and those that begin in this pass.
    var grids: SequenceGrids {
        var grids = cache.content.images
        for image in begunImages { grids.append(image) }
        return grids
    }

    /// The images that begin among its tokens.
    var begunImages: [TokenGrid] {
        images.isEmpty ? [] : images.filter { $0.begins(in: positions) }.map(\.grid)
    }

    /// What the row at a position begins with, where it is of an image.
    func vector(at position: Int) -> UnsafePointer<Float>? {
        guard let image = images.first(where: { $0.grid.range.contains(position) }) else { return nil }
        return UnsafePointer(image.features.rows[position - image.grid.start])
    }
}

extension Decoder {
    /// Whether images fit an entry: each row of an image has its vector, and nothing is of two images.
    func check(_ images: [PlacedImage], of entry: PassEntry) throws(ModelError) {
        let cached = entry.cache.content.images
        var end = cached.end
        for image in images where image.grid.range.overlaps(entry.positions) {
            try check(image, in: entry)
            guard image.begins(in: entry.positions) else { continue }
            guard image.grid.start >= end else {
                throw .invalidBatch(reason: "two images overlap, or are out of order")
            }
            end = image.grid.range.upperBound
        }
        // What is left of an image that the cache has the beginning of.
        guard let begun = cached.grid(at: entry.positions.lowerBound) else { return }
        guard images.contains(where: { $0.grid == begun }) else {
            throw .invalidBatch(
                reason: "a sequence goes on within an image of which its cache has the beginning, without it")
        }
    }

    private func check(_ image: PlacedImage, in entry: PassEntry) throws(ModelError) {
        guard image.features.rows.rowCount == image.grid.tokenCount,
            image.features.rows.columnCount == specification.embeddingWidth
        else {
            throw .invalidBatch(
                reason:
                    "an image of \(Counted.text(image.grid.tokenCount, "token")) of \(Counted.text(specification.embeddingWidth, "number")) has "
                    + "\(Counted.text(image.features.rows.rowCount, "vector")) of \(image.features.rows.columnCount)"
            )
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
