import NuthatchCache
import NuthatchTensors

/// The frequencies of one rotary embedding, ready for positions.
package struct RotaryTable: Sendable, Equatable {
    /// Radians per position of each pair of elements.
    package let inverseFrequencies: [Float]
    /// Multiplies cosines and sines, and so scales the scores by its square (YaRN, LongRoPE).
    package let attentionFactor: Float
    /// Positions below it have their angles rounded to float32.
    private var roundedEnd = Int.max
    /// Pairs before it turn by a token's time.
    private var timeEnd: Int
    /// Pairs before it, and behind the ones that turn by time, turn by the token's row; others by its column.
    private var rowEnd: Int

    init(_ inverseFrequencies: [Double], attentionFactor: Double = 1) {
        self.inverseFrequencies = inverseFrequencies.map(Float.init)
        self.attentionFactor = Float(attentionFactor)
        timeEnd = inverseFrequencies.count
        rowEnd = inverseFrequencies.count
    }

    func cut(into sections: RotarySections?) -> RotaryTable {
        guard let sections else { return self }
        var table = self
        table.timeEnd = sections.time
        table.rowEnd = sections.time + sections.row
        return table
    }

    /// This table, with angles rounded below the length that a model was made for alone.
    package func rounding(below end: Int) -> RotaryTable {
        var table = self
        table.roundedEnd = end
        return table
    }

    /// The cosine and sine of each pair at a position of text.
    package func cosinesAndSines(position: Int) -> (cosines: [Float], sines: [Float]) {
        var cosines = [Float](repeating: 0, count: inverseFrequencies.count)
        var sines = cosines
        fill(position: TokenPosition(position), cosines: &cosines, sines: &sines)
        return (cosines, sines)
    }

    /// Writes the cosine and sine of each pair at a position.
    ///
    /// The angle is rounded to float32 before its cosine is taken, as transformers does and models were trained
    /// with: at position 5,000 the two roundings are 3e-4 radians apart. The cosine itself is exact to float32.
    /// Beyond what the model was made for, where sinks let a sequence go on, the angle is not rounded: at position
    /// 1,000,000 that would be 0.03 radians, and from 16,777,216 on neighbours would turn alike.
    func fill(
        position: TokenPosition, cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>
    ) {
        for (pair, frequency) in inverseFrequencies.enumerated() {
            let number = pair < timeEnd ? position.time : pair < rowEnd ? position.row : position.column
            let angle =
                number < roundedEnd
                ? Double(Float(number) * frequency) : Double(number) * Double(frequency)
            cosines[pair] = Float(RealFunctions.cosine(angle)) * attentionFactor
            sines[pair] = Float(RealFunctions.sine(angle)) * attentionFactor
        }
    }
}

extension RotaryEmbedding {
    /// The table for a model loaded for `contextLength` tokens.
    package func table(contextLength: Int) -> RotaryTable {
        scaling.apply(to: self, contextLength: contextLength).cut(into: sections)
    }
}
