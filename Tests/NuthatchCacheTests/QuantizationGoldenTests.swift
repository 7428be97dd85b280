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

    @Test func unrefinedZerosAreThoseOfAnAffineGroup() throws {
        for golden in try Self.goldens("hqq-unrefined")
        where golden.kind == "plain" || golden.kind == "offset" {
            let coded = try Self.coded(golden, NUTHATCH_QUANTIZATION_AFFINE)
            for coded in coded { #expect(coded.codes == golden.expectedCodes, "\(golden)") }
        }
    }

    @Test func hqqProbe() throws {
        for golden in try Self.goldens("hqq") {
            for coded in try Self.coded(golden, NUTHATCH_QUANTIZATION_HQQ) {
                let zeros = try #require(golden.expectedZeros)
                let scales = Self.trimmed(coded.scales, coded), offsets = Self.trimmed(coded.offsets, coded)
                let wrong = zip(coded.codes, golden.expectedCodes).filter { $0 != $1 }.count
                let scaleEqual = Self.bits(scales) == Self.bits(golden.expectedScales)
                var worst: Float = 0, worstRel: Float = 0
                for (index, zero) in zeros.enumerated() where zero.isFinite {
                    let ours = -offsets[index] / scales[index]
                    worst = max(worst, abs(ours - zero))
                    worstRel = max(
                        worstRel, abs(ours - zero) / ((abs(zero) + Float(1 << golden.bits)) * 0x1p-24))
                }
                print("PROBE", golden, "codes", wrong, "scales", scaleEqual, "zero", worst, worstRel)
            }
        }
    }
}
