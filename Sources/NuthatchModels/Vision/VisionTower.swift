import NuthatchCache
package import NuthatchCheckpoints
package import NuthatchTensors

/// A vision tower assembled from a specification: immutable once loaded. What it computes of an image depends on its
/// patches and on nothing else, so its vectors may be computed again or kept, as memory allows.
package final class VisionTower: Sendable {
    package let specification: VisionSpecification
    /// Bytes of packed matrices, norms and biases.
    package let weightByteCount: Int
    package let operations: Operations

    let patchEmbedding: PackedMatrix
    let layers: [VisionLayer]
    let mergerNorm: NormWeights
    let mergerInput: PackedMatrix
    let mergerInputBias: FloatVector
    let mergerOutput: PackedMatrix
    let mergerOutputBias: FloatVector

    /// Packs the tower of a checkpoint whose header is already read; nil where the model has none.
    ///
    /// - Parameter pool: whose workers share the packing; nil leaves it to the caller's thread.
    /// - Throws: `ModelError` naming what is wrong with a tensor, or that memory ran out.
    package init?(
        _ checkpoint: Checkpoint, described description: ModelDescription,
        precision: WeightPrecision = .native,
        operations: Operations = Operations(), packingOn pool: WorkerPool? = nil
    ) throws(ModelError) {
        guard let specification = description.vision else { return nil }
        let packer = try VisionPacker(
            checkpoint, description, specification, precision: precision, on: pool)
        patchEmbedding = try packer.patchEmbedding()
        var layers: [VisionLayer] = []
        for index in specification.layers.indices { layers.append(try VisionLayer(index, packing: packer)) }
        self.layers = layers
        mergerNorm = try packer.norm(VisionNames.mergerNorm)
        mergerInput = try packer.matrix(VisionNames.mergerInput)
        mergerInputBias = try packer.biases([VisionNames.mergerInput])
        mergerOutput = try packer.matrix(VisionNames.mergerOutput)
        mergerOutputBias = try packer.biases([VisionNames.mergerOutput])
        self.specification = specification
        self.operations = operations
        weightByteCount = packer.byteCount
    }

    /// Bytes of packed weights that loading would take; 0 where the model has no tower. Reads headers only.
    package static func plannedByteCount(
        _ checkpoint: Checkpoint, described description: ModelDescription,
        precision: WeightPrecision = .native
    ) throws(ModelError) -> Int {
        guard let specification = description.vision else { return 0 }
        return try VisionPacker(checkpoint, description, specification, precision: precision, on: nil)
            .plannedByteCount()
    }

    /// Computes an image's vectors, one for each block of its patches, in the order of the grid.
    ///
    /// - Parameter patches: [patch][channel][frame][row][column], in the grid's order.
    /// - Throws: `ModelError.imageTooLarge`; `.invalidBatch` for patches that are not the grid's; `.tensors`, `.cache`
    ///   where memory ran out.
    package func features(
        of patches: [Float], grid: PatchGrid, pool: WorkerPool
    ) throws(ModelError) -> ImageFeatures {
        let merge = specification.patches.mergeLength
        let sides = [grid.frameCount, grid.rowCount, grid.columnCount]
        guard sides.allSatisfy({ (1...VisionSpecification.maximumPatchCount).contains($0) }),
            grid.patchCount <= VisionSpecification.maximumPatchCount
        else {
            throw .imageTooLarge(
                patchCount: sides.allSatisfy { (0...1 << 20).contains($0) } ? grid.patchCount : .max,
                maximum: VisionSpecification.maximumPatchCount)
        }
        guard grid.rowCount % merge == 0, grid.columnCount % merge == 0,
            patches.count == grid.patchCount * specification.patches.width
        else {
            throw .invalidBatch(
                reason:
                    "an image of \(grid.rowCount) x \(grid.columnCount) patches has \(Counted.text(patches.count, "number")), or "
                    + "is not cut into blocks of \(merge) x \(merge)")
        }
        let workspace = try VisionWorkspace(self, grid: grid, workerCount: pool.workerCount)
        let features = try ImageFeatures(
            tokenCount: grid.patchCount / specification.patches.mergeCount, width: specification.outputSize)
        workspace.take(patches)
        pool.run(VisionPass(tower: self, workspace: workspace, output: features.rows))
        withExtendedLifetime(features) {}
        return features
    }
}
