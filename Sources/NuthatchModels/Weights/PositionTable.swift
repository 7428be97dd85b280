import NuthatchTensors

/// The vectors of positions that are added to those of tokens.
enum PositionTable: Sendable {
    case learned(StoredEmbedding, offset: Int)
    case sinusoids(Sinusoids)

    /// Nil where the embedding knows nothing of positions.
    init?(_ weights: CheckpointWeights) throws(ModelError) {
        let specification = weights.description.specification
        if let learned = specification.embedding.positions {
            self = .learned(try StoredEmbedding(weights, .positions), offset: learned.offset)
        } else if specification.embedding.hasSinusoids {
            self = .sinusoids(Sinusoids(dimension: specification.hiddenSize))
        } else {
            return nil
        }
    }

    /// A position's vector, [hiddenSize].
    func decode(_ position: Int, into output: UnsafeMutablePointer<Float>) {
        switch self {
        case .learned(let table, let offset): table.decode(offset + position, into: output)
        case .sinusoids(let sinusoids): sinusoids.fill(position, into: output)
        }
    }
}

/// Sines of a position in the first half of a vector, cosines in the second (arXiv:1706.03762, 3.5, in Marian's order).
struct Sinusoids: Sendable, Equatable {
    let dimension: Int
    /// Positions that the i-th sine and cosine take for a radian, in float64 as Marian's tables were computed.
    private let wavelengths: [Double]

    init(dimension: Int) {
        self.dimension = dimension
        wavelengths = (0..<(dimension + 1) / 2).map {
            RealFunctions.power(10_000, 2 * Double($0) / Double(dimension))
        }
    }

    func fill(_ position: Int, into output: UnsafeMutablePointer<Float>) {
        let sineCount = wavelengths.count
        for (index, wavelength) in wavelengths.enumerated() {
            let angle = Double(position) / wavelength
            output[index] = Float(RealFunctions.sine(angle))
            // An odd size has one sine more.
            if sineCount + index < dimension {
                output[sineCount + index] = Float(RealFunctions.cosine(angle))
            }
        }
    }
}
