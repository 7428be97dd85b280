/// Where the numbers of a place lie in a file: a tensor, or some of its outputs.
package struct TensorSource: Sendable, Equatable {
    package var tensor: String
    /// The matrix's outputs that are the place's, in the place's order; nil: all of them.
    package var outputs: [Range<Int>]?
    /// Whether the matrix is [inputs, outputs].
    package var isTransposed = false
    /// Where a tensor holds several matrices, [count, rows, columns], how many they are, and which is meant.
    package var stack: Stack?

    package struct Stack: Sendable, Equatable {
        package var count: Int
        package var index: Int

        package init(count: Int, index: Int) {
            self.count = count
            self.index = index
        }
    }

    package init(
        tensor: String, outputs: [Range<Int>]? = nil, isTransposed: Bool = false, stack: Stack? = nil
    ) {
        self.tensor = tensor
        self.outputs = outputs
        self.isTransposed = isTransposed
        self.stack = stack
    }
}

extension DecoderSpecification {
    /// Outputs of a part that is multiplied with a layer's inputs.
    func outputCount(of part: LayerPart) -> Int {
        switch part {
        case .query, .queryUp, .sourceQuery: attention.heads.queryWidth
        case .key, .value, .sourceKey, .sourceValue: attention.heads.kvWidth
        case .gate, .up: feedForward.size
        case .queryDown: attention.latent?.queryRank ?? 0
        case .latent: attention.latent?.compressedWidth ?? 0
        default: hiddenSize
        }
    }

    /// What attention's input is multiplied with, in the order of the outputs.
    var attentionInputParts: [LayerPart] {
        guard let latent = attention.latent else { return [.query, .key, .value] }
        return [latent.queryRank == nil ? .query : .queryDown, .latent]
    }

    /// A head's keys' or values' outputs in a tensor that holds, for each head, those of its keys and of its values.
    func outputs(of part: HeadPart, head: Int) -> Range<Int> {
        guard let latent = attention.latent else { return 0..<0 }
        let start = head * (latent.plainDimension + latent.valueDimension)
        return switch part {
        case .keyExpansion: start..<start + latent.plainDimension
        case .valueExpansion:
            start + latent.plainDimension..<start + latent.plainDimension + latent.valueDimension
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
