import CNuthatchKernels
import NuthatchCache
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Coding of one head's keys and values, and reading them back.
@Suite struct QuantizedPlaneTests {
    /// Shapes, groups and formats of all kinds, ragged ones included: 16 groups fill no vector evenly.
    static let codings: [(TestPlane, keys: PlaneCoding, values: PlaneCoding)] = {
        let shapes = [
            TestPlane(slots: 64, keyDimension: 64, valueDimension: 64),
            TestPlane(slots: 128, keyDimension: 80, valueDimension: 20),
            TestPlane(slots: 32, keyDimension: 20, valueDimension: 96),
            TestPlane(slots: 64, keyDimension: 12, valueDimension: 8),
        ]
        let parameters = [NUTHATCH_STORAGE_F16, NUTHATCH_STORAGE_F32, NUTHATCH_STORAGE_BF16]
        var codings: [(TestPlane, keys: PlaneCoding, values: PlaneCoding)] = []
        for shape in shapes {
            for bits in [2, 4, 8] {
                for axis in GroupAxis.allCases {
                    for groupLength in [16, 32, 128] where axis == .slot || shape.slots % groupLength == 0 {
                        let keys = PlaneCoding(
                            bits: bits, axis: axis, groupLength: groupLength,
                            parameters: parameters[codings.count % 3],
                            method: codings.count % 2 == 0
                                ? NUTHATCH_QUANTIZATION_HQQ : NUTHATCH_QUANTIZATION_AFFINE)
                        var values = keys
                        values.axis = codings.count % 5 < 2 ? .slot : axis
                        codings.append((shape, keys, values))
                    }
                }
            }
        }
        return codings
    }()

    static func page(
        _ coding: (TestPlane, keys: PlaneCoding, values: PlaneCoding), seed: UInt64 = 1,
        kernels: AttentionKernels = .best, change: (inout [Float]) -> Void = { _ in }
    ) -> (page: SealedPage, keys: [Float], values: [Float]) {
        var generator = NuthatchTestSupport.SeededGenerator(seed: seed)
        let shape = coding.0
        var keys = (0..<shape.slots * shape.keyDimension).map {
            generator.normal() + Float($0 % shape.keyDimension) / 4
        }
        var values = (0..<shape.slots * shape.valueDimension).map { _ in generator.normal() / 3 }
        change(&keys)
        change(&values)
        let page = SealedPage(
            shape, keys: keys, values: values, keyCoding: coding.keys, valueCoding: coding.values,
            kernels: kernels)
        return (page, keys, values)
    }

    @Test func everyInstructionSetSealsAndReadsTheSameBits() {
        let scalar = AttentionKernels.available[0]
        for coding in Self.codings {
            let expected = Self.page(coding, kernels: scalar).page
            let (keys, values) = expected.numbers(scalar)
            for kernels in AttentionKernels.available.dropFirst() {
                let page = Self.page(coding, kernels: kernels).page
                #expect(page.bytes == expected.bytes, "\(kernels.name), \(coding)")
                let numbers = page.numbers(kernels)
                #expect(numbers.keys.bits == keys.bits, "\(kernels.name), \(coding)")
                #expect(numbers.values.bits == values.bits, "\(kernels.name), \(coding)")
            }
        }
    }

    @Test func aNumberIsScaleTimesCodePlusOffset() throws {
        for coding in Self.codings {
            let page = Self.page(coding).page
            let (keys, values) = page.numbers(.best)
            #expect(try #require(page.coded(keys: true)).numbers.bits == keys.bits, "\(coding)")
            #expect(try #require(page.coded(keys: false)).numbers.bits == values.bits, "\(coding)")
        }
    }

    /// Affine groups reach from their least to their largest number: half a step is the most that is lost, plus
    /// what rounding moves the ends (of 8 or 11 bits kept, half the last).
    @Test func affineCodesAreWithinHalfAStep() throws {
        for var coding in Self.codings {
            coding.keys.method = NUTHATCH_QUANTIZATION_AFFINE
            coding.values.method = NUTHATCH_QUANTIZATION_AFFINE
            let (page, keys, values) = Self.page(coding)
            for (isKeys, exact) in [(true, keys), (false, values)] {
                let coded = try #require(page.coded(keys: isKeys))
                let unit: Float =
                    switch coded.coding.parameters {
                    case NUTHATCH_STORAGE_F32: 0x1p-23
                    case NUTHATCH_STORAGE_F16: 0x1p-11
                    default: 0x1p-8
                    }
                let last = Float(1 << coded.coding.bits - 1)
                for (index, number) in coded.numbers.enumerated() {
                    let group = coded.groups[index]
                    let (scale, offset) = (coded.scales[group], coded.offsets[group])
                    let bound = scale / 2 + unit * (abs(offset) + scale * last) * 1.01
                    #expect(abs(number - exact[index]) <= bound, "\(coding), number \(index)")
                }
            }
        }
    }

    /// The point of the refinement: less error in the norm it minimises, p = 0.7.
    @Test func hqqLosesLessThanAffine() throws {
        let shape = TestPlane(slots: 64, keyDimension: 64, valueDimension: 64)
        for bits in [2, 4] {
            var losses: [Float] = []
            for method in [NUTHATCH_QUANTIZATION_AFFINE, NUTHATCH_QUANTIZATION_HQQ] {
                let coding = PlaneCoding(bits: bits, axis: .dimension, groupLength: 64, method: method)
                let (page, keys, _) = Self.page((shape, coding, coding)) { $0 = $0.map { $0 * 4 } }
                losses.append(zip(page.numbers(.best).keys, keys).reduce(0) { $0 + abs($1.0 - $1.1) })
            }
            #expect(losses[1] < losses[0], "\(bits) bits")
        }
    }

    /// A group with a number that is none reads as NaN; all others read as without it.
    @Test(arguments: [Float.infinity, -.infinity, .nan])
    func whatIsNoNumberSpoilsItsGroupOnly(intruder: Float) throws {
        for var coding in Self.codings {
            coding.keys.method = NUTHATCH_QUANTIZATION_AFFINE
            coding.values.method = NUTHATCH_QUANTIZATION_AFFINE
            let clean = Self.page(coding).page
            let spoilt = Self.page(coding) { $0[9] = intruder }.page
            for isKeys in [true, false] {
                let before = try #require(clean.coded(keys: isKeys)).numbers
                let after = try #require(spoilt.coded(keys: isKeys))
                let group = after.groups[9]
                for (index, number) in after.numbers.enumerated() {
                    if after.groups[index] == group {
                        #expect(number.isNaN, "\(coding), number \(index)")
                    } else {
                        #expect(number.bitPattern == before[index].bitPattern, "\(coding), number \(index)")
                    }
                }
            }
        }
    }

    /// What is coded lies in half floats: their largest make no scale and no offset that a half can't hold. (Refined
    /// offsets move a little; `fit_hqq` derives how far.)
    @Test func parametersOfTheLargestHalvesAreHalves() throws {
        let patterns: [(Int) -> Float] = [
            { _ in -65_504 }, { $0.isMultiple(of: 2) ? 65_504 : -65_504 },
            { $0.isMultiple(of: 31) ? 65_504 : -65_504 }, { $0.isMultiple(of: 31) ? 0 : -65_504 },
            { 32 * Float($0 % 97) - 65_504 }, { 65_504 - 32 * Float($0 * $0 % 7) },
        ]
        for var coding in Self.codings {
            coding.keys.parameters = NUTHATCH_STORAGE_F32
            coding.values.parameters = NUTHATCH_STORAGE_F32
            for pattern in patterns {
                let page = Self.page(coding) { numbers in
                    for index in numbers.indices { numbers[index] = pattern(index) }
                }.page
                for isKeys in [true, false] {
                    let coded = try #require(page.coded(keys: isKeys))
                    let largest = (coded.scales + coded.offsets).map(abs).max() ?? 0
                    #expect(largest < 65_520, "\(coding)")
                }
            }
        }
    }

    @Test(arguments: [Float.infinity, -.infinity, .nan, 3e38, 0x1p-140])
    func hqqMeetsAnyNumber(intruder: Float) throws {
        for var coding in Self.codings {
            coding.keys.method = NUTHATCH_QUANTIZATION_HQQ
            coding.values.method = NUTHATCH_QUANTIZATION_HQQ
            let spoilt = Self.page(coding) { $0[9] = intruder }.page
            for isKeys in [true, false] {
                let coded = try #require(spoilt.coded(keys: isKeys))
                for (number, group) in zip(coded.numbers, coded.groups) where group != coded.groups[9] {
                    #expect(number.isFinite, "\(coding)")
                }
                if !intruder.isFinite { #expect(coded.numbers[9].isNaN, "\(coding)") }
            }
        }
    }

    /// As near as its offset is stored, or nearer: hqq's scale is 1 then.
    @Test(arguments: [Float(0), -0.25, 60_000, 1e-30])
    func aConstantReadsAsItself(constant: Float) throws {
        for coding in Self.codings {
            let page = Self.page(coding) { $0 = $0.map { _ in constant } }.page
            for isKeys in [true, false] {
                let coded = try #require(page.coded(keys: isKeys))
                let stored: Float =
                    switch coded.coding.parameters {
                    case NUTHATCH_STORAGE_F32: constant
                    case NUTHATCH_STORAGE_F16: Float(Float16(constant))
                    default: Float(bitPattern: (constant.bitPattern + 0x8000) & 0xFFFF_0000)
                    }
                // The sum of a group's equal numbers is rounded, too.
                let loss = abs(stored - constant) + abs(constant) * 0x1p-16
                #expect(coded.numbers.allSatisfy { abs($0 - constant) <= loss }, "\(coding)")
            }
        }
    }

    /// The first slots, kept elsewhere, are coded as the first one that isn't: not even NaN there is noticed.
    @Test(arguments: [1, 4, 16])
    func exactSlotsTakeNoPart(exactCount: Int) {
        for (index, coding) in Self.codings.enumerated() where index % 3 == 0 {
            let shape = coding.0
            var (_, keys, values) = Self.page(coding)
            func spread(_ numbers: inout [Float], _ dimension: Int, _ filler: (Int) -> Float) {
                for index in 0..<exactCount * dimension { numbers[index] = filler(index % dimension) }
            }
            let (lastKeys, lastValues) = (keys, values)
            spread(&keys, shape.keyDimension) { lastKeys[exactCount * shape.keyDimension + $0] }
            spread(&values, shape.valueDimension) { lastValues[exactCount * shape.valueDimension + $0] }
            let expected = SealedPage(
                shape, keys: keys, values: values, keyCoding: coding.keys, valueCoding: coding.values,
                kernels: .best)
            spread(&keys, shape.keyDimension) { $0 == 0 ? .nan : 1000 }
            spread(&values, shape.valueDimension) { $0 == 0 ? .infinity : -1000 }
            let found = SealedPage(
                shape, keys: keys, values: values, keyCoding: coding.keys, valueCoding: coding.values,
                exactCount: exactCount, kernels: .best)
            #expect(found.bytes == expected.bytes, "\(coding)")
        }
    }

    /// Where only keys or only values are coded, the others are copied.
    @Test(arguments: [NUTHATCH_STORAGE_F32, NUTHATCH_STORAGE_F16, NUTHATCH_STORAGE_BF16])
    func whatIsNotCodedIsCopied(storage: nuthatch_storage) {
        let shape = TestPlane(slots: 32, keyDimension: 20, valueDimension: 40)
        let coding = PlaneCoding(bits: 4, axis: .slot, groupLength: 32)
        var generator = NuthatchTestSupport.SeededGenerator(seed: 4)
        // Of few bits: exact in every storage.
        let keys = (0..<32 * 20).map { _ in Float(Int8.random(in: -16...16, using: &generator)) / 4 }
        let values = (0..<32 * 40).map { _ in Float(Int8.random(in: -16...16, using: &generator)) / 4 }
        for kernels in AttentionKernels.available {
            func page(_ keyCoding: PlaneCoding?, _ valueCoding: PlaneCoding?) -> (
                keys: [Float], values: [Float]
            ) {
                SealedPage(
                    shape, keys: keys, values: values, keyCoding: keyCoding, valueCoding: valueCoding,
                    openStorage: storage, kernels: kernels
                ).numbers(kernels)
            }
            #expect(page(coding, nil).values == values)
            #expect(page(nil, coding).keys == keys)
            #expect(page(coding, nil).keys == page(coding, coding).keys)
            #expect(page(nil, coding).values == page(coding, coding).values)
        }
    }
}
