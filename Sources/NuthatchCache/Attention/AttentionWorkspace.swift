import CNuthatchKernels
import NuthatchTensors

/// Scratch memory for attention, shared by all layers of a pass and reused from pass to pass.
///
///     workers    | frames | scratch of the kernels | states | states of one split | queries, rotated |   for each worker
///     splits     | states |   for each entry, kv head, split and row; see `AttentionTiling.isSplitwise`
///
/// A state is `stateStride` floats; see `nuthatch_attention_rows`.
package final class AttentionWorkspace {
    package let kernels: AttentionKernels
    /// The most query heads of any layer that attends through it.
    package let queryHeadCount: Int
    private var workers: AlignedBuffer?
    private var splits: AlignedBuffer?
    /// Whose budget the states of splits are part of; nil for nobody's.
    private let pool: PagePool?
    private var demand = Demand()
    /// What a decoder's rows see of their sources: lists of the last pass, kept for their room.
    private var sourceViews: [UnmaskedPass.View] = []
    private var sourceGenerations: [Int] = []

    /// - Parameters:
    ///   - queryHeadCount: the most query heads of any layer that will attend through it.
    ///   - pool: whose budget the states of splits are part of; nil for nobody's.
    package init(queryHeadCount: Int, kernels: AttentionKernels = .best, pool: PagePool? = nil) {
        self.queryHeadCount = queryHeadCount
        self.kernels = kernels
        self.pool = pool
    }

    deinit { releaseSplits() }

    /// Bytes held now.
    package var byteCount: Int { (workers?.byteCount ?? 0) + (splits?.byteCount ?? 0) }

    /// Floats that the entries of a batch need: the largest of each over all layers.
    struct Demand: Equatable {
        var workerCount = 0
        /// Floats of the kernels' own scratch.
        var scratchCount = 0
        var stateStride = 0
        /// States of the largest block.
        var blockStateCount = 0
        /// States of all splits that are merged after a barrier.
        var splitStateCount = 0

        /// Floats of the queries of the largest block.
        var queryCount = 0

        /// Frames for pages that a worker reads from disk itself, and bytes of one.
        var frameCount = 0
        var frameByteCount = 0

        mutating func addFrames(_ count: Int, byteCount: Int) {
            let unit = PageFile.alignment
            frameCount = max(frameCount, count)
            frameByteCount = max(frameByteCount, (byteCount + unit - 1) / unit * unit)
        }

        var frameFloatCount: Int { frameCount * frameByteCount / MemoryLayout<Float>.size }

        var workerFloatCount: Int {
            frameFloatCount + scratchCount + 2 * blockStateCount * stateStride + 2 * queryCount
        }

        mutating func formMaximum(_ other: Demand) {
            workerCount = max(workerCount, other.workerCount)
            scratchCount = max(scratchCount, other.scratchCount)
            stateStride = max(stateStride, other.stateStride)
            blockStateCount = max(blockStateCount, other.blockStateCount)
            splitStateCount = max(splitStateCount, other.splitStateCount)
            queryCount = max(queryCount, other.queryCount)
            addFrames(other.frameCount, byteCount: other.frameByteCount)
        }

        /// Room for a block of rows over pages that are never sealed.
        mutating func addBlock(of rowCount: Int, _ plane: nuthatch_head_plane) {
            let panel = PageLayout.panelWidth
            let paddedDimension = (plane.value_dimension + panel - 1) / panel * panel
            let scratch = withUnsafePointer(to: plane) { nuthatch_attention_scratch_count($0) }
            scratchCount = max(scratchCount, (scratch + panel - 1) / panel * panel)
            stateStride = max(stateStride, Int(NUTHATCH_STATE_HEADER) + paddedDimension)
            blockStateCount = max(blockStateCount, rowCount)
        }

        mutating func add(_ plan: LayerPlan, blockStateCount: Int) {
            let plane = plan.openLayout.plane(kvHead: 0)
            let sealed = plan.sealedLayout.plane(kvHead: 0)
            let header = Int(NUTHATCH_STATE_HEADER)
            let panel = PageLayout.panelWidth
            let paddedDimension = (plane.value_dimension + panel - 1) / panel * panel
            let scratch = max(
                withUnsafePointer(to: plane) { nuthatch_attention_scratch_count($0) },
                withUnsafePointer(to: sealed) { nuthatch_seal_scratch_count($0) })
            scratchCount = max(scratchCount, (scratch + panel - 1) / panel * panel)
            stateStride = max(stateStride, header + paddedDimension)
            self.blockStateCount = max(self.blockStateCount, blockStateCount)
            let queries = blockStateCount * plane.key_dimension
            queryCount = max(queryCount, (queries + panel - 1) / panel * panel)
        }
    }

    /// Makes room for a batch; grows, never shrinks, so that all batches of a pass find theirs.
    ///
    /// - Throws: `CacheError.outOfMemory`; what there is room for is as before, or none for splits.
    func prepare(_ batchDemand: Demand) throws(CacheError) {
        var demand = demand
        demand.formMaximum(batchDemand)
        try Self.grow(&workers, floatCount: demand.workerCount * demand.workerFloatCount)
        try growSplits(floatCount: demand.splitStateCount * demand.stateStride)
        self.demand = demand
    }

    /// Bytes of the states of `rowSplitCount` queries of a head times the splits that they see, with the room that they are
    /// given to grow: what the planner counts.
    package static func splitByteCount(
        rowSplitCount: Int, queryHeadCount: Int, valueDimension: Int
    ) -> Int {
        let panel = PageLayout.panelWidth
        let stride = Int(NUTHATCH_STATE_HEADER) + (valueDimension + panel - 1) / panel * panel
        let byteCount = rowSplitCount * queryHeadCount * stride * MemoryLayout<Float>.size
        return byteCount + byteCount / 2
    }

    private func growSplits(floatCount: Int) throws(CacheError) {
        let byteCount = floatCount * MemoryLayout<Float>.size
        guard splits?.byteCount ?? 0 < byteCount else { return }
        releaseSplits()
        // Half as much again, so that a growing context does not ask at every page.
        for wanted in [byteCount + byteCount / 2, byteCount] {
            guard pool?.charge(wanted) ?? true else { continue }
            do {
                splits = try AlignedBuffer(byteCount: wanted, purpose: "attention")
                return
            } catch { pool?.refund(wanted) }
        }
        throw .outOfMemory(byteCount: byteCount, inUse: pool?.usage.live ?? 0, budget: pool?.byteBudget)
    }

    /// Gives up the states of splits; called between passes.
    ///
    /// - Returns: whether there were any.
    @discardableResult
    package func releaseSplits() -> Bool {
        guard let held = splits?.byteCount else { return false }
        splits = nil
        demand.splitStateCount = 0
        pool?.refund(held)
        return held > 0
    }

    /// The sources of a pass's entries, which stand before their queries, and how many each cache has had.
    ///
    /// - Throws: `CacheError.incompleteSource` where one is not there yet.
    func placeSources(
        of entries: [CrossBatch.Entry]
    ) throws(CacheError) -> (views: [UnmaskedPass.View], generations: [Int]) {
        sourceViews.removeAll(keepingCapacity: true)
        sourceGenerations.removeAll(keepingCapacity: true)
        for (index, entry) in entries.enumerated() {
            let tokenCount = try entry.cache.completeSource().tokenCount
            sourceViews.append(
                UnmaskedPass.View(
                    index: index, tokenCount: tokenCount, rows: entry.rows, firstPosition: tokenCount))
            sourceGenerations.append(entry.cache.sourceGeneration)
        }
        return (sourceViews, sourceGenerations)
    }

    private static func grow(_ buffer: inout AlignedBuffer?, floatCount: Int) throws(CacheError) {
        let byteCount = floatCount * MemoryLayout<Float>.size
        let held = buffer?.byteCount ?? 0
        guard held < byteCount else { return }
        do {
            // Half as much again, so that a growing context does not ask at every page.
            buffer = try AlignedBuffer(byteCount: byteCount + byteCount / 2, purpose: "attention")
        } catch {
            throw .outOfMemory(byteCount: byteCount, inUse: held, budget: nil)
        }
    }

    var stateStride: Int { demand.stateStride }

    /// One worker's part: the kernels' scratch, and two sets of states for a block.
    func scratch(of worker: Worker) -> Scratch? {
        guard let base = workers?.floats else { return nil }
        let start = base + worker.index * demand.workerFloatCount
        let frames = UnsafeMutableRawPointer(start)
        let kernel = start + demand.frameFloatCount
        let states = kernel + demand.scratchCount
        let splitStates = states + demand.blockStateCount * demand.stateStride
        let queries = splitStates + demand.blockStateCount * demand.stateStride
        return Scratch(
            frames: frames, frameByteCount: demand.frameByteCount, kernel: kernel, states: states,
            splitStates: splitStates, queries: queries,
            distantQueries: queries + demand.queryCount)
    }

    struct Scratch {
        let frames: UnsafeMutableRawPointer
        let frameByteCount: Int
        let kernel: UnsafeMutablePointer<Float>
        let states: UnsafeMutablePointer<Float>
        let splitStates: UnsafeMutablePointer<Float>
        /// Rotated queries of a block.
        let queries: UnsafeMutablePointer<Float>
        let distantQueries: UnsafeMutablePointer<Float>
    }

    /// The index-th of the states that wait to be merged.
    func splitState(_ index: Int) -> UnsafeMutablePointer<Float>? {
        guard let base = splits?.floats else { return nil }
        return base + index * demand.stateStride
    }
}
