import CNuthatchKernels

/// The compressive memory of one layer of one sequence (Infini-attention, arXiv:2404.07143): for each kv head what
/// all earlier segments left, and the same with the segment under way.
///
///     one page    | head 0: past | past z | growing | growing z | head 1 ...      float32
///
///     past, growing    [keyDimension][valueDimension, rounded up to 16]
///     z                [keyDimension, rounded up to 16]
///
/// Two pages: `committed` holds the state between passes and is never written, so forks share it; a pass works on a
/// copy, which its commit puts in place. A pass that is given up leaves no trace.
struct CompressiveMemory {
    let geometry: LayerGeometry
    let segmentLength: Int
    let rule: Retention.MemoryRule
    private var committed: Page
    private var working: Page?
    /// What the committed state is to be read as.
    private var validity = Validity.whole

    private enum Validity {
        case whole
        /// The segment under way was taken back.
        case pastOnly
        case nothing
    }

    /// Nil for retentions without memory.
    init?(_ plan: LayerPlan, from pages: inout ArraySlice<Page>) {
        guard case .compressive(let segmentLength, let rule) = plan.retention,
            let committed = pages.popFirst(), let working = pages.popFirst()
        else { return nil }
        geometry = plan.geometry
        self.segmentLength = segmentLength
        self.rule = rule
        self.committed = committed
        self.working = working
    }

    /// Bytes of one state; the geometry was validated, so nothing overflows.
    static func byteCount(_ geometry: LayerGeometry) -> Int {
        geometry.kvHeadCount * headFloatCount(geometry) * MemoryLayout<Float>.size
    }

    /// Sizes of the pages that a layer has from its beginning: none without memory.
    static func byteCounts(_ plan: LayerPlan) -> [Int] {
        guard case .compressive = plan.retention else { return [] }
        return Array(repeating: byteCount(plan.geometry), count: 2)
    }

    private static func headFloatCount(_ geometry: LayerGeometry) -> Int {
        2 * (matrixFloatCount(geometry) + nuthatch_padded_dimension(geometry.keyDimension))
    }

    private static func matrixFloatCount(_ geometry: LayerGeometry) -> Int {
        geometry.keyDimension * nuthatch_padded_dimension(geometry.valueDimension)
    }

    /// Bytes of the states held; a shared one counts in every sequence that shares it.
    var byteCount: Int { (working == nil ? 1 : 2) * Self.byteCount(geometry) }

    /// The states held, as many as `byteCounts` unless a fork shares one.
    var pages: [Page] { [committed] + [working].compactMap { $0 } }

    /// Whether a state must be had before the next pass.
    var isMissingPage: Bool { working == nil }

    /// Copies the state for a pass to work on.
    mutating func begin(_ page: Page?) {
        guard let working = working ?? page else { return }
        self.working = working
        switch validity {
        case .whole: working.copyContent(of: committed)
        case .pastOnly:
            working.copyContent(of: committed)
            for kvHead in 0..<geometry.kvHeadCount {
                if let memory = memory(kvHead) { endSegment(memory, isTakenBack: true) }
            }
        case .nothing: working.clear()
        }
    }

    /// Makes what the pass left the state.
    mutating func commit() {
        guard let next = working else { return }
        // A fork may still read the old state.
        working = isKnownUniquelyReferenced(&committed) ? committed : nil
        committed = next
        validity = .whole
    }

    /// This state for another sequence, which shares it until its first commit.
    func forked() -> CompressiveMemory {
        var fork = self
        fork.working = nil
        return fork
    }

    /// This state in pages of its own.
    func copied(into pages: inout ArraySlice<Page>) -> CompressiveMemory {
        var copy = self
        if let page = pages.popFirst() {
            page.copyContent(of: committed)
            copy.committed = page
        }
        copy.working = pages.popFirst()
        return copy
    }

    /// The state between passes, to be shared; nil while there is none that is whole.
    var shared: Page? { validity == .whole ? committed : nil }

    /// Begins with a state that is shared.
    mutating func begin(sharing page: Page) {
        committed = page
        validity = .whole
    }

    // MARK: Rewinding

    /// Whether the state at `count` can be had, with `tokenCount` tokens seen.
    func canTruncate(to count: Int, tokenCount: Int) -> Bool {
        count == tokenCount || count == tokenCount / segmentLength * segmentLength
    }

    mutating func truncate(to count: Int, tokenCount: Int) {
        guard count < tokenCount, validity == .whole else { return }
        validity = .pastOnly
    }

    mutating func removeAll() {
        validity = .nothing
    }

    // MARK: A pass

    /// One head's state, to work on; nil only for a page without memory, which it never has.
    func memory(_ kvHead: Int) -> nuthatch_memory? {
        guard let base = (working ?? committed).memory else { return nil }
        let matrix = Self.matrixFloatCount(geometry)
        let normalizer = nuthatch_padded_dimension(geometry.keyDimension)
        let past = base.assumingMemoryBound(to: Float.self) + kvHead * Self.headFloatCount(geometry)
        let growing = past + matrix + normalizer
        return nuthatch_memory(
            key_dimension: geometry.keyDimension, value_dimension: geometry.valueDimension, past: past,
            past_normalizer: past + matrix, growing: growing, growing_normalizer: growing + matrix)
    }

    /// Makes what has grown the past, or the other way round where a segment was taken back.
    func endSegment(_ memory: nuthatch_memory, isTakenBack: Bool = false) {
        let count = Self.headFloatCount(geometry) / 2
        let past = UnsafeMutablePointer(mutating: memory.past)
        if isTakenBack {
            memory.growing.update(from: past, count: count)
        } else {
            past.update(from: memory.growing, count: count)
        }
    }

    /// The state as one page, with what was taken back left out; `page` is used if no other is free.
    mutating func settled(_ page: Page?) -> Page {
        if validity != .whole {
            begin(page)
            commit()
        }
        return committed
    }

    /// Where a saved state is read to.
    var content: Page { committed }

    /// Says that it was.
    mutating func markWhole() {
        validity = .whole
    }
}
