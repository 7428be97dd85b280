import CNuthatchKernels
import NuthatchCache
import NuthatchTensors
import Testing

/// The coder beside optimum-quanto and hqq, with parameters stored as they keep them, in float32.
@Suite struct QuantizationGoldenTests {
    /// Seals a golden's plane once as keys and once as values: they lie differently.
    static func coded(_ golden: CodingGolden, _ method: nuthatch_quantization) throws -> [CodedNumbers] {
        let coding = PlaneCoding(
            bits: golden.bits, axis: golden.axis, groupLength: golden.group, method: method)
        let plane = golden.plane
        let page = SealedPage(
            TestPlane(slots: golden.slots, keyDimension: golden.dimension, valueDimension: golden.dimension),
            keys: plane, values: plane, keyCoding: coding, valueCoding: coding, kernels: .best)
        return [try #require(page.coded(keys: true)), try #require(page.coded(keys: false))]
    }

    static func goldens(_ method: String) throws -> [CodingGolden] {
        try CodingGolden.file().cases.filter { $0.method == method }
    }

    /// A table without the lanes that fill up its rows, as the goldens have it.
    static func trimmed(_ table: [Float], _ coded: CodedNumbers) -> [Float] {
        guard coded.coding.axis == .dimension else { return table }
        let (width, dimension) = (coded.shape.dimension.rounded(upTo: 16), coded.shape.dimension)
        return table.enumerated().filter { $0.offset % width < dimension }.map(\.element)
    }

    /// Bits, all NaN alike.
    static func bits(_ floats: [Float]) -> [UInt32] {
        floats.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
    }

    @Test func affineIsQuantoBitForBit() throws {
        let step = try CodingGolden.file().numberStep
        for golden in try Self.goldens("affine") {
            for coded in try Self.coded(golden, NUTHATCH_QUANTIZATION_AFFINE) {
                #expect(coded.codes == golden.expectedCodes, "codes: \(golden)")
                let offsets = try #require(golden.expectedOffsets)
                #expect(
                    Self.bits(Self.trimmed(coded.scales, coded)) == Self.bits(golden.expectedScales),
                    "\(golden)")
                #expect(Self.bits(Self.trimmed(coded.offsets, coded)) == Self.bits(offsets), "\(golden)")
                let some = stride(from: 0, to: coded.numbers.count, by: step).map { coded.numbers[$0] }
                #expect(Self.bits(some) == Self.bits(golden.someNumbers), "numbers: \(golden)")
            }
        }
    }

    /// Scales to the bit and all codes. Zeros are means over a group, summed in another order than the package
    /// sums: of n terms between -|zero| and 2^bits in float32, roundings differ by about sqrt(n) units of 2^-24
    /// of that size; n is 128 at most, 16 units the bound. (A number that is nearer than that to the middle
    /// between two codes, at some step, could also move its group's zero by 1 / n. The goldens have none.)
    @Test func hqqIsThePackagesWithinRounding() throws {
        let step = try CodingGolden.file().numberStep
        for golden in try Self.goldens("hqq") {
            for coded in try Self.coded(golden, NUTHATCH_QUANTIZATION_HQQ) {
                let zeros = try #require(golden.expectedZeros)
                let scales = Self.trimmed(coded.scales, coded)
                let offsets = Self.trimmed(coded.offsets, coded)
                #expect(coded.codes == golden.expectedCodes, "codes: \(golden)")
                #expect(Self.bits(scales) == Self.bits(golden.expectedScales), "scales: \(golden)")
                try #require(zeros.count == offsets.count)
                func noise(_ zero: Float) -> Float { 16 * 0x1p-24 * (abs(zero) + Float(1 << golden.bits)) }
                for (index, zero) in zeros.enumerated() {
                    let expected = -zero * scales[index]
                    if expected.isNaN {
                        #expect(offsets[index].isNaN, "\(golden)")
                    } else {
                        #expect(abs(offsets[index] - expected) <= noise(zero) * scales[index], "\(golden)")
                    }
                }
                for (index, expected) in golden.someNumbers.enumerated() {
                    let group = coded.groups[index * step]
                    let (scale, number) = (coded.scales[group], coded.numbers[index * step])
                    if expected.isNaN {
                        #expect(number.isNaN, "\(golden)")
                    } else {
                        #expect(
                            abs(number - expected) <= noise(coded.offsets[group] / scale) * scale, "\(golden)"
                        )
                    }
                }
            }
        }
    }

    /// Without refinement hqq codes as an affine group does, but where the range is next to nothing.
    @Test func hqqUnrefinedIsAffine() throws {
        for golden in try Self.goldens("hqq-unrefined") where ["plain", "offset"].contains(golden.kind) {
            for coded in try Self.coded(golden, NUTHATCH_QUANTIZATION_AFFINE) {
                #expect(coded.codes == golden.expectedCodes, "\(golden)")
            }
        }
    }
}
