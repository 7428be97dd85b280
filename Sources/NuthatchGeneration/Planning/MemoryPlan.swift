package import NuthatchCache
package import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors

/// What a model and the caches of some sequences take of memory, worked out from the model's header by the
/// functions that caches and loading themselves go by (law L2). Nothing is loaded.
package struct MemoryPlan: Sendable {
    /// What is known. What is missing of the three is solved for.
    package struct Question: Sendable {
        /// Tokens of each sequence.
        package var contextLength: Int?
        /// Sequences, each with a cache of its own.
        package var sequenceCount: Int?
        /// Bytes for weights, scratch memory and caches together.
        package var byteBudget: Int?

        package init(contextLength: Int? = nil, sequenceCount: Int? = nil, byteBudget: Int? = nil) {
            self.contextLength = contextLength
            self.sequenceCount = sequenceCount
            self.byteBudget = byteBudget
        }
    }

    /// What was solved for.
    package enum Solution: Sendable, Equatable {
        /// The bytes of a context and a number of sequences.
        case byteCount
        /// The longest context, 0 for none.
        case contextLength(Int)
        /// The most sequences, 0 for none.
        case sequenceCount(Int)
    }

    /// Layers that hold the same pages.
    package struct LayerKind: Sendable {
        package let retention: CacheOptions.Retention
        package let layerCount: Int
        /// Pages of one such layer of one sequence.
        package let pages: LayerPlan.PageCounts
        package let openLayout: PageLayout
        package let sealedLayout: PageLayout
        /// Of all such layers of all sequences, in memory; what all layers share is left out.
        package let byteCount: Int
    }

    package let solution: Solution
    /// As asked, as solved, or the model's own.
    package let contextLength: Int
    package let sequenceCount: Int
    /// The context that the model was made for.
    package let modelContextLength: Int
    package let weightByteCount: Int
    package let workspaceByteCount: Int
    /// In memory.
    package let kvByteCount: Int
    /// Of those, for pages read back from disk: frames for the layer in use and the next.
    package let frameByteCount: Int
    /// On disk.
    package let diskByteCount: Int
    /// Bytes that each further token of one sequence adds once every window is full.
    package let kvByteCountPerToken: Double
    /// Slots of a page.
    package let pageLength: Int
    package let layerKinds: [LayerKind]

    package var byteCount: Int { weightByteCount + workspaceByteCount + kvByteCount }

    /// - Throws: `NuthatchError` for options that the model can't follow and for more bytes than can be counted; the
    ///   models' and the cache's errors for a file that can't be loaded.
    package init(
        _ checkpoint: Checkpoint, weights: LoadOptions.Weights, cache: CacheOptions, question: Question
    ) throws {
        let description = try ModelDescription(checkpoint)
        let decoder = try Decoder.plan(checkpoint, described: description, precision: weights.precision)
        let layers = description.specification.layerGeometries
        modelContextLength = description.specification.contextLength
        let known = question.contextLength ?? cache.growth.reservedTokenCount
        let configuration = try cache.configuration(
            layers: layers, contextLength: known ?? modelContextLength)
        let plan = try CachePlan(configuration, layers: layers)
        let distantByteCount = plan.distantLimit == nil ? 0 : decoder.distantByteCount
        let towerByteCount = try VisionTower.plannedByteCount(
            checkpoint, described: description, precision: weights.precision)
        weightByteCount = decoder.weightByteCount + towerByteCount
        workspaceByteCount = decoder.workspaceByteCount + distantByteCount
        kvByteCountPerToken = plan.bytesPerToken
        pageLength = configuration.pageLength
        solution = Self.solve(
            plan, context: known, sequences: question.sequenceCount,
            budget: question.byteBudget.map { $0 - decoder.byteCount - towerByteCount - distantByteCount })
        let solved = solution.values(
            contextLength: known ?? modelContextLength, sequenceCount: question.sequenceCount ?? 1)
        (contextLength, sequenceCount) = solved
        kvByteCount = try Self.byteCount(plan, solved)
        frameByteCount = try Self.frameByteCount(plan, solved)
        diskByteCount = try Self.counted(plan.diskByteCount(tokenCount: solved.contextLength), solved)
        layerKinds = try Self.kinds(of: plan, layers, solved)
    }

    private static func solve(
        _ plan: CachePlan, context: Int?, sequences: Int?, budget: Int?
    ) -> Solution {
        switch (context, sequences, budget) {
        case (nil, _, let budget?):
            .contextLength(plan.largestContext(byteBudget: budget, sequenceCount: sequences ?? 1))
        case (let context?, nil, let budget?):
            .sequenceCount(plan.largestSequenceCount(byteBudget: budget, contextLength: context))
        default: .byteCount
        }
    }

    private static func byteCount(
        _ plan: CachePlan, _ solved: (contextLength: Int, sequenceCount: Int)
    ) throws(NuthatchError) -> Int {
        try counted(plan.peakByteCount(contextLength: solved.contextLength), solved)
    }

    private static func frameByteCount(
        _ plan: CachePlan, _ solved: (contextLength: Int, sequenceCount: Int)
    ) throws(NuthatchError) -> Int {
        let frames = plan.frames(tokenCount: solved.contextLength)
        let (bytes, overflow) = (2 * frames.byteCount).multipliedReportingOverflow(by: frames.count)
        return try counted(overflow ? nil : bytes, solved)
    }

    /// What one sequence takes, times the sequences.
    private static func counted(
        _ byteCount: Int?, _ solved: (contextLength: Int, sequenceCount: Int)
    ) throws(NuthatchError) -> Int {
        let product = byteCount?.multipliedReportingOverflow(by: solved.sequenceCount)
        guard let product, !product.overflow, product.partialValue < 1 << 62 else {
            throw NuthatchError(
                code: .outOfMemory,
                message:
                    "\(solved.sequenceCount) sequences of \(solved.contextLength) tokens take more bytes than "
                    + "can be counted.",
                remedy: "Plan fewer sequences or a shorter context.")
        }
        return product.partialValue
    }

    private static func kinds(
        of plan: CachePlan, _ layers: [LayerGeometry], _ solved: (contextLength: Int, sequenceCount: Int)
    ) throws -> [LayerKind] {
        var members: [(example: LayerPlan, layers: [LayerGeometry])] = []
        for (layer, geometry) in zip(plan.layers, layers) {
            let place = members.firstIndex { other, _ in
                other.retention == layer.retention && other.openLayout == layer.openLayout
                    && other.sealedLayout == layer.sealedLayout
            }
            if let place {
                members[place].layers.append(geometry)
            } else {
                members.append((layer, [geometry]))
            }
        }
        return try members.map { example, layers in
            let part = try CachePlan(plan.configuration, layers: layers)
            return LayerKind(
                retention: CacheOptions.Retention(example.retention), layerCount: layers.count,
                pages: example.mostPages(
                    capacity: solved.contextLength, chunkLength: plan.configuration.chunkLength),
                openLayout: example.openLayout, sealedLayout: example.sealedLayout,
                byteCount: try byteCount(part, solved) - frameByteCount(part, solved))
        }
    }
}

extension MemoryPlan.Solution {
    fileprivate func values(
        contextLength: Int, sequenceCount: Int
    ) -> (contextLength: Int, sequenceCount: Int) {
        switch self {
        case .byteCount: (contextLength, sequenceCount)
        case .contextLength(let solved): (solved, sequenceCount)
        case .sequenceCount(let solved): (contextLength, solved)
        }
    }
}

extension CacheOptions.Growth {
    /// Tokens that were said; nil where none were.
    fileprivate var reservedTokenCount: Int? {
        if case .reserved(let tokenCount) = self { tokenCount } else { nil }
    }
}
