/// Bicubic resampling of 8-bit images with antialiasing, to the last bit as the two references have it: Pillow's
/// (`Image.resize`) and PyTorch's (`interpolate` of bytes).
///
/// Each output pixel is a weighted sum of the pixels around it, first along rows, then along columns, rounded to 8 bits in
/// between; where an image shrinks, the filter is as much wider. Keys' cubic with a = -1/2 (IEEE Trans. ASSP 29, 1981).
/// Weights are integers, so that the order of adding makes no difference. The two differ in how fine these are.
struct Resampling {
    /// How many binary places a weight has.
    enum Precision: Sendable {
        /// 22: what 8-bit sums leave of 32 bits, with two to spare.
        case pillow
        /// As many as let the largest weight of a direction be 16 bits long.
        case torch
    }

    let precision: Precision

    func resize(_ image: RGBImage, width: Int, height: Int) -> [UInt8] {
        var pixels = image.pixels
        let channels = RGBImage.channelCount
        if width != image.width {
            let taps = Taps(from: image.width, to: width, precision)
            pixels = taps.apply(to: pixels, outerCount: image.height, innerCount: channels)
        }
        if height != image.height {
            let taps = Taps(from: image.height, to: height, precision)
            pixels = taps.apply(to: pixels, outerCount: 1, innerCount: width * channels)
        }
        return pixels
    }
}

/// One direction's weights: for each output pixel, where its input pixels begin, and what each counts.
struct Taps {
    let inputCount: Int
    let starts: [Int]
    let weights: [[Int32]]
    /// Binary places of a weight.
    let places: Int

    /// Half the filter's width, in pixels of the coarser image.
    private static let support = 2.0

    init(from inputCount: Int, to outputCount: Int, _ precision: Resampling.Precision) {
        let scale = Double(inputCount) / Double(outputCount)
        let stretch = max(scale, 1)
        let support = Self.support * stretch
        var starts: [Int] = []
        var exact: [[Double]] = []
        for output in 0..<outputCount {
            let centre = (Double(output) + 0.5) * scale
            let start = max(Int(centre - support + 0.5), 0)
            let end = min(Int(centre + support + 0.5), inputCount)
            var weights = (start..<end).map { Self.cubic((Double($0) - centre + 0.5) * (1 / stretch)) }
            let sum = weights.reduce(0, +)
            if sum != 0 { for index in weights.indices { weights[index] /= sum } }
            starts.append(start)
            exact.append(weights)
        }
        let places = Self.places(precision, largest: exact.joined().max() ?? 0)
        self.inputCount = inputCount
        self.starts = starts
        self.places = places
        weights = exact.map { weights in
            weights.map { weight in
                // Halves go away from zero.
                let scaled = weight * Double(1 << places)
                return Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
            }
        }
    }

    private static func places(_ precision: Resampling.Precision, largest: Double) -> Int {
        switch precision {
        case .pillow: 22
        case .torch: (0..<22).first { Int(0.5 + largest * Double(1 << ($0 + 1))) >= 1 << 15 } ?? 22
        }
    }

    private static func cubic(_ offset: Double) -> Double {
        let x = abs(offset)
        let a = -0.5
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
        return 0
    }

    /// Resamples the middle dimension of [outer][input][inner].
    func apply(to pixels: [UInt8], outerCount: Int, innerCount: Int) -> [UInt8] {
        let outputCount = starts.count
        var sums = [Int32](repeating: 0, count: innerCount)
        return [UInt8](unsafeUninitializedCapacity: outerCount * outputCount * innerCount) { output, count in
            pixels.withUnsafeBufferPointer { pixels in
                for outer in 0..<outerCount {
                    for index in 0..<outputCount {
                        sum(
                            pixels, from: (outer * inputCount + starts[index]) * innerCount, weights[index],
                            into: &sums)
                        let start = (outer * outputCount + index) * innerCount
                        for inner in 0..<innerCount {
                            output[start + inner] = UInt8(clamping: sums[inner] >> Int32(places))
                        }
                    }
                }
            }
            count = outerCount * outputCount * innerCount
        }
    }

    private func sum(
        _ pixels: UnsafeBufferPointer<UInt8>, from start: Int, _ weights: [Int32], into sums: inout [Int32]
    ) {
        // Half of a unit, so that the shift rounds.
        for index in sums.indices { sums[index] = 1 << Int32(places - 1) }
        for (tap, weight) in weights.enumerated() {
            let first = start + tap * sums.count
            // Weights add up to about 1 and are 1.2 at most without their negative ones: sums stay under 2^31.
            for index in sums.indices { sums[index] &+= Int32(pixels[first + index]) &* weight }
        }
    }
}
