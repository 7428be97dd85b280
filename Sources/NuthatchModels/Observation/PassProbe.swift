package import NuthatchCache
import NuthatchTensors

/// What a pass hands out of its inside. Costs a copy of every row that is looked at; without one, passes copy nothing.
///
/// A probe is for one pass of one entry, whose numbers it has when that ends. What is turned to positions, and what the
/// cache holds, is as attention read it.
package final class PassProbe {
    package let points: Set<ProbePoint>
    package let rowCount: Int
    private let specification: DecoderSpecification
    private let rows: [Place: Rows]
    private let buffer: AlignedBuffer

    /// What a layer's queries met: see `ProbeStage.appended`.
    package internal(set) var contents: [Int: SequenceCache.LayerContents] = [:]
    /// By layer, scaled and capped; -infinity where a row doesn't look.
    package internal(set) var scores: [Int: [Float]] = [:]
    /// By layer, the softmax of the scores; 0 where a row doesn't look.
    package internal(set) var attentions: [Int: [Float]] = [:]
    package internal(set) var logits: [Float] = []

    /// A part of what is turned together.
    package enum Side: Hashable, Sendable { case queries, keys, values }

    private struct Place: Hashable {
        let point: ProbePoint
        let side: Side?
    }

    /// - Parameter rowCount: of the pass to come.
    /// - Throws: `ModelError.invalidBatch` for a layer that the decoder doesn't have.
    package init(_ points: [ProbePoint], of decoder: Decoder, rowCount: Int) throws(ModelError) {
        let specification = decoder.specification
        let layerCount = specification.layers.count
        for point in points where !(0..<layerCount + (point.stage == .norm ? 1 : 0)).contains(point.layer) {
            throw .invalidBatch(
                reason: "a probe looks at layer \(point.layer); there are \(layerCount), counted from 0")
        }
        self.points = Set(points)
        self.rowCount = rowCount
        self.specification = specification
        var wanted: [(place: Place, width: Int)] = []
        for point in self.points {
            wanted += Self.widths(point, decoder).map { side, width in
                (Place(point: point, side: side), width)
            }
        }
        let floatCount = wanted.reduce(0) { $0 + $1.width } * rowCount
        buffer = try allocating { () throws(TensorError) in
            try AlignedBuffer(
                byteCount: max(1, floatCount) * MemoryLayout<Float>.size,
                purpose: "rows that a probe looks at")
        }
        var next = buffer.floats
        var rows: [Place: Rows] = [:]
        for (place, width) in wanted {
            rows[place] = Rows(base: next, rowCount: rowCount, columnCount: width, stride: width)
            next += rowCount * width
        }
        self.rows = rows
    }

    /// Columns of what is copied at a point, side by side where it has sides.
    private static func widths(_ point: ProbePoint, _ decoder: Decoder) -> [(Side?, Int)] {
        let specification = decoder.specification
        switch point.stage {
        case .embedding, .norm, .output, .feedForward: return [(nil, specification.hiddenSize)]
        case .queriesKeysValues: return [(nil, specification.attentionInputWidth)]
        case .rotated:
            let geometry = decoder.layerGeometries[point.layer]
            return [
                (.queries, specification.attention.heads.queryCount * geometry.keyDimension),
                (.keys, geometry.kvHeadCount * geometry.keyDimension),
                (.values, geometry.kvHeadCount * geometry.valueDimension),
            ]
        case .scores:
            let geometry = decoder.layerGeometries[point.layer]
            return [(.queries, specification.attention.heads.queryCount * geometry.keyDimension)]
        case .appended, .logits: return []
        }
    }

    // MARK: What was seen

    /// The numbers at a point, [row, columns]; empty where nobody looked.
    ///
    /// - Parameter side: of what is turned.
    package func floats(_ point: ProbePoint, _ side: Side? = nil) -> [Float] {
        guard let rows = rows[Place(point: point, side: side)] else { return [] }
        return Array(UnsafeBufferPointer(start: rows.base, count: rows.rowCount * rows.columnCount))
    }

    /// Columns of a point's rows; 0 where nobody looked.
    package func width(_ point: ProbePoint, _ side: Side? = nil) -> Int {
        rows[Place(point: point, side: side)]?.columnCount ?? 0
    }

    /// [row, hiddenSize] by transformers' number: before a layer, or behind the last.
    package func hiddenStates(_ index: Int) -> [Float] {
        floats(ProbePoint.hiddenStates(layerCount: specification.layers.count)[index])
    }

    // MARK: What passes note

    func noted(_ stage: ProbeStage, layer: Int = 0, _ side: Side? = nil) -> Rows? {
        rows[Place(point: ProbePoint(stage, layer: layer), side: side)]
    }
}
