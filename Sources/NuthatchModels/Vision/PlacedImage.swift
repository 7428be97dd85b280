package import NuthatchCache
import NuthatchTensors

/// An image among the tokens of a run of a pass.
package struct PlacedImage {
    /// Which of the pass's runs.
    package let run: Int
    package let grid: TokenGrid
    /// A vector for each of its tokens.
    package let features: ImageFeatures

    package init(run: Int = 0, grid: TokenGrid, features: ImageFeatures) {
        self.run = run
        self.grid = grid
        self.features = features
    }
}

extension [PlacedImage] {
    /// The images of a run: those its cache knows, and those that begin in this pass.
    func grids(of run: CacheBatch.Run, _ index: Int) -> SequenceGrids {
        var grids = run.cache.grids
        let end = run.cache.tokenCount + run.rows.count
        for image in self where image.run == index && image.begins(in: run.cache.tokenCount..<end) {
            grids.append(image.grid)
        }
        return grids
    }

    /// What a row of a run begins with, where it is of an image.
    func vector(at position: Int, ofRun run: Int) -> UnsafePointer<Float>? {
        guard let image = first(where: { $0.run == run && $0.grid.range.contains(position) }) else {
            return nil
        }
        return UnsafePointer(image.features.rows[position - image.grid.start])
    }
}

extension PlacedImage {
    func begins(in positions: Range<Int>) -> Bool { positions.contains(grid.start) }
}

extension Decoder {
    /// Whether a pass's images fit its runs: each row of an image has its vector, and nothing is of two images.
    func check(_ images: [PlacedImage], _ runs: [CacheBatch.Run]) throws(ModelError) {
        for (index, run) in runs.enumerated() {
            let positions = run.cache.tokenCount..<run.cache.tokenCount + run.rows.count
            var end = run.cache.grids.end
            for image in images where image.run == index && image.grid.range.overlaps(positions) {
                try check(image, in: run)
                guard image.begins(in: positions) else { continue }
                guard image.grid.start >= end else {
                    throw .invalidBatch(reason: "two images of run \(index) overlap, or are out of order")
                }
                end = image.grid.range.upperBound
            }
            // What is left of an image that the cache has the beginning of.
            guard let begun = run.cache.grids.grid(at: positions.lowerBound) else { continue }
            guard images.contains(where: { $0.run == index && $0.grid == begun }) else {
                throw .invalidBatch(
                    reason:
                        "run \(index) goes on within an image of which its cache has the beginning, without it"
                )
            }
        }
        guard images.allSatisfy({ runs.indices.contains($0.run) }) else {
            throw .invalidBatch(reason: "an image is of a run that is not there")
        }
    }

    private func check(_ image: PlacedImage, in run: CacheBatch.Run) throws(ModelError) {
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
        guard run.cache.plan.distantLimit == nil else { throw .imagesWithDistantPositions }
        if image.grid.start < run.cache.tokenCount {
            guard run.cache.grids.grid(at: image.grid.start) == image.grid else {
                throw .invalidBatch(reason: "the cache has other tokens where an image begins")
            }
        }
    }
}
