/// Where the numbers of a place lie in a file: a tensor, or some of its outputs.
package struct TensorSource: Sendable, Equatable {
    package var tensor: String
    /// The tensor's outputs that are the place's, in the place's order; nil: all of them.
    package var outputs: [Range<Int>]?
    /// Whether the tensor is [inputs, outputs].
    package var isTransposed = false

    package init(tensor: String, outputs: [Range<Int>]? = nil, isTransposed: Bool = false) {
        self.tensor = tensor
        self.outputs = outputs
        self.isTransposed = isTransposed
    }
}

extension DecoderSpecification {
    /// Outputs of a part that is multiplied with a layer's inputs.
    func outputCount(of part: LayerPart) -> Int {
        switch part {
        case .query, .sourceQuery: attention.heads.queryWidth
        case .key, .value, .sourceKey, .sourceValue: attention.heads.kvWidth
        case .gate, .up: feedForward.size
        default: hiddenSize
        }
    }

    /// A part's outputs in a tensor that holds all of `parts`, one part behind the other.
    func outputs(of part: LayerPart, in parts: [LayerPart]) -> Range<Int> {
        let start = parts.prefix { $0 != part }.reduce(0) { $0 + outputCount(of: $1) }
        return start..<start + outputCount(of: part)
    }

    /// Queries', keys' or values' outputs in a tensor that holds, for each key-value head, its query heads, its key
    /// and its value.
    func outputsByHead(of part: LayerPart) -> [Range<Int>] {
        let heads = attention.heads
        let queryCount = heads.queryCount / heads.kvCount
        let (first, count) =
            switch part {
            case .query: (0, queryCount)
            case .key: (queryCount, 1)
            default: (queryCount + 1, 1)
            }
        return (0..<heads.kvCount).map { head in
            let start = (head * (queryCount + 2) + first) * heads.dimension
            return start..<start + count * heads.dimension
        }
    }
}
