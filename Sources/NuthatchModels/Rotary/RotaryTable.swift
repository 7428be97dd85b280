/// The frequencies of one rotary embedding, ready for positions.
package struct RotaryTable: Sendable, Equatable {
    /// Radians per position of each pair of elements.
    package let inverseFrequencies: [Float]
    /// Multiplies cosines and sines, and so scales the scores by its square (YaRN, LongRoPE).
    package let attentionFactor: Float

    init(_ inverseFrequencies: [Double], attentionFactor: Double = 1) {
        self.inverseFrequencies = inverseFrequencies.map(Float.init)
        self.attentionFactor = Float(attentionFactor)
    }

    /// Writes the cosine and sine of each pair at a position.
    ///
    /// The angle is rounded to float32 before its cosine is taken, as transformers does and models were trained
    /// with: at position 5,000 the two roundings are 3e-4 radians apart. The cosine itself is exact to float32.
    func fill(
        position: Int, cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>
    ) {
        for (pair, frequency) in inverseFrequencies.enumerated() {
            let angle = Double(Float(position) * frequency)
            cosines[pair] = Float(RealFunctions.cosine(angle)) * attentionFactor
            sines[pair] = Float(RealFunctions.sine(angle)) * attentionFactor
        }
    }
}

extension RotaryEmbedding {
    /// The table for a model loaded for `contextLength` tokens.
    package func table(contextLength: Int) -> RotaryTable {
        scaling.apply(to: self, contextLength: contextLength)
    }
}
