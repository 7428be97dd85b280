import NuthatchTensors

/// Rotary positions in two dimensions: the first half of a head's pairs turns by a patch's row, the second by its column
/// (RoPE-ViT, arXiv:2403.13298, section 3.2, axial; here for pairs of i with i + headDimension / 2).
struct VisionRotary {
    /// Radians per row, or column, of each pair of a half.
    private let frequencies: [Float]

    init(_ specification: VisionSpecification) {
        let dimension = specification.headDimension / 2
        frequencies = stride(from: 0, to: dimension, by: 2).map { index in
            Float(1 / RealFunctions.power(specification.rotaryBase, Double(index) / Double(dimension)))
        }
    }

    /// Writes the cosine and sine of each pair, [headDimension / 2]. Angles are rounded as `RotaryTable` has them.
    func fill(
        _ place: (row: Int, column: Int), cosines: UnsafeMutablePointer<Float>,
        sines: UnsafeMutablePointer<Float>
    ) {
        for (half, number) in [place.row, place.column].enumerated() {
            for (index, frequency) in frequencies.enumerated() {
                let angle = Double(Float(number) * frequency)
                cosines[half * frequencies.count + index] = Float(RealFunctions.cosine(angle))
                sines[half * frequencies.count + index] = Float(RealFunctions.sine(angle))
            }
        }
    }
}
