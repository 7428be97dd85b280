import NuthatchCache
import NuthatchTensors

/// What passes hand out of their inside beside logits. Costs a copy of every row; without one, passes copy nothing.
///
/// ```
/// hiddenStates   [layers + 1][R, hiddenSize]       the stream before each layer, and behind the last one's final norm
/// queries        [layers][R, heads * key]          as they meet the cache's keys
/// ```
package final class PassObserver {
    /// What to look at.
    package struct Wishes: OptionSet, Sendable {
        package let rawValue: Int
        package static let hiddenStates = Wishes(rawValue: 1)
        package static let attentions = Wishes(rawValue: 2)

        package init(rawValue: Int) { self.rawValue = rawValue }
    }

    package let wishes: Wishes
    package let rowCount: Int
    private let hiddenStates: [Rows]
    private let queries: [Rows]
    /// [layers] of [queryHead, row, position], positions counted from the sequence's first; 0 where a row doesn't look.
    package internal(set) var attentions: [[Float]] = []
    private let buffer: AlignedBuffer

    /// - Parameter rowCount: of the pass to come.
    package init(_ wishes: Wishes, of decoder: Decoder, rowCount: Int) throws(ModelError) {
        self.wishes = wishes
        self.rowCount = rowCount
        let specification = decoder.specification
        let stateCount = wishes.contains(.hiddenStates) ? specification.layers.count + 1 : 0
        let queryCount = wishes.contains(.attentions) ? specification.layers.count : 0
        let queryWidth = specification.attention.heads.queryCount * specification.cachedKeyDimension
        let floatCount = rowCount * (stateCount * specification.hiddenSize + queryCount * queryWidth)
        buffer = try allocating { () throws(TensorError) in
            try AlignedBuffer(
                byteCount: floatCount * MemoryLayout<Float>.size, purpose: "hidden states and queries")
        }
        var next = buffer.floats
        func take(_ count: Int, _ width: Int) -> [Rows] {
            (0..<count).map { _ in
                defer { next += rowCount * width }
                return Rows(base: next, rowCount: rowCount, columnCount: width, stride: width)
            }
        }
        hiddenStates = take(stateCount, specification.hiddenSize)
        queries = take(queryCount, queryWidth)
    }

    /// [row, hiddenSize]: before a layer, or behind the last.
    package func hiddenStates(_ index: Int) -> [Float] { floats(hiddenStates[index]) }

    func hiddenStateRows(_ index: Int) -> Rows? { hiddenStates.isEmpty ? nil : hiddenStates[index] }
    func queryRows(layer: Int) -> Rows? { queries.isEmpty ? nil : queries[layer] }

    private func floats(_ rows: Rows) -> [Float] {
        Array(UnsafeBufferPointer(start: rows.base, count: rows.rowCount * rows.columnCount))
    }
}

extension DecoderSpecification {
    /// Elements of a key as caches hold it.
    var cachedKeyDimension: Int { layerGeometries[0].keyDimension }
}
