/// What kernels were given to do, counted by the calls that hand it to them.
///
/// Rises for as long as its pool lives; the difference of two is what happened between. Each worker counts its own parts,
/// between two runs they are added. Costs a few additions for each call of a kernel, which has thousands to do.
package struct WorkTally: Sendable, Equatable {
    /// Products of a weight and an activation, padding of panels left out.
    package var matrixMultiplyAdds = 0
    /// Bytes of packed weights that rows were multiplied by, as often as they passed them.
    package var weightByteCount = 0
    /// Products of queries with keys and of probabilities with values, of positions that a query sees.
    package var attentionMultiplyAdds = 0
    /// Bytes of the keys and values that those queries see, once for all that read a page together.
    package var cacheReadByteCount = 0
    /// Bytes of keys and values written.
    package var cacheWrittenByteCount = 0

    package init() {}

    package static func + (one: WorkTally, other: WorkTally) -> WorkTally {
        combine(one, other, &+)
    }

    package static func - (one: WorkTally, other: WorkTally) -> WorkTally {
        combine(one, other, &-)
    }

    package static func += (one: inout WorkTally, other: WorkTally) { one = one + other }

    private static func combine(
        _ one: WorkTally, _ other: WorkTally, _ operation: (Int, Int) -> Int
    ) -> WorkTally {
        var result = WorkTally()
        for field in [
            \WorkTally.matrixMultiplyAdds, \.weightByteCount, \.attentionMultiplyAdds, \.cacheReadByteCount,
            \.cacheWrittenByteCount,
        ] {
            result[keyPath: field] = operation(one[keyPath: field], other[keyPath: field])
        }
        return result
    }
}

extension Worker {
    /// Counts a multiplication of some rows by some panels of a matrix.
    func count(_ matrix: PackedMatrix, rowCount: Int, panels: Range<Int>) {
        let width = PackedMatrix.panelWidth
        let outputs = min(panels.upperBound * width, matrix.outputCount) - panels.lowerBound * width
        tally.pointee.matrixMultiplyAdds &+= rowCount &* outputs &* matrix.inputCount
        tally.pointee.weightByteCount &+= panels.count &* matrix.panelByteCount
    }

    /// Counts queries that met keys and values.
    package func countAttention(multiplyAdds: Int, readByteCount: Int) {
        tally.pointee.attentionMultiplyAdds &+= multiplyAdds
        tally.pointee.cacheReadByteCount &+= readByteCount
    }

    /// Counts keys and values that were written.
    package func countWritten(byteCount: Int) { tally.pointee.cacheWrittenByteCount &+= byteCount }
}
