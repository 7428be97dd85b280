import NuthatchCache
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import Testing

@Suite struct CacheOptionsTests {
    private static let full = LayerGeometry(
        kvHeadCount: 1, keyDimension: 8, valueDimension: 8, retention: .full)
    private static let window = LayerGeometry(
        kvHeadCount: 1, keyDimension: 8, valueDimension: 8, retention: .window(length: 4))

    private func configuration(
        _ options: CacheOptions, layers: [LayerGeometry] = [full], contextLength: Int = 100
    ) throws -> CacheConfiguration {
        try options.configuration(layers: layers, context: ContextBound(modelLength: contextLength))
    }

    @Test func theDefaultIsCodesOf8BitsGrowingOnDemand() throws {
        #expect(try CacheOptions() == .default)
        #expect(try CacheOptions(keys: .q8, values: .q8) == .default)
        #expect(
            try configuration(.default)
                == CacheConfiguration(
                    keyStorage: .quantized(Quantization(bitCount: 8, axis: .channel)),
                    valueStorage: .quantized(Quantization(bitCount: 8, axis: .token))))
    }

    @Test func dynamicIsHalfFloatsGrowingOnDemand() throws {
        #expect(try CacheOptions(preset: .dynamic, directory: "/x") == .halfFloats)
        #expect(try CacheOptions(keys: .f16, values: .f16) == .halfFloats)
        #expect(try configuration(.halfFloats) == CacheConfiguration())
    }

    @Test func optionsInHalfFloatsDifferInNothingElse() throws {
        let retention = CacheOptions.Retention.sinks(count: 4, window: 60, positions: .inCache)
        let (placement, growth) = (
            CacheOptions.Placement.disk(directory: "/x"), CacheOptions.Growth.reserved(tokenCount: 11)
        )
        let options = try CacheOptions(
            keys: .q4, values: .q2, windowKeys: .q8, windowValues: .bf16, retention: retention,
            placement: placement, growth: growth)
        #expect(
            try options.inHalfFloats
                == CacheOptions(
                    keys: .f16, values: .f16, retention: retention, placement: placement, growth: growth))
        #expect(CacheOptions.default.inHalfFloats == .halfFloats)
    }

    /// One side alone says nothing of the other.
    @Test func whatIsNotSaidOfASideIsTheDefault() throws {
        #expect(try CacheOptions(keys: .f32) == CacheOptions(keys: .f32, values: .q8))
        #expect(try CacheOptions(values: .q4) == CacheOptions(keys: .q8, values: .q4))
    }

    @Test func eachSizeOfCodesHasItsBestSettings() throws {
        let q8 = try configuration(CacheOptions(keys: .q8, values: .q8))
        #expect(
            try q8
                == CacheConfiguration(
                    keyStorage: .quantized(Quantization(bitCount: 8, axis: .channel)),
                    valueStorage: .quantized(Quantization(bitCount: 8, axis: .token))))
        let q4 = try configuration(CacheOptions(keys: .q4, values: .q4))
        #expect(
            try q4
                == CacheConfiguration(
                    keyStorage: .quantized(Quantization(bitCount: 4, axis: .channel)),
                    valueStorage: .quantized(Quantization(bitCount: 4, axis: .token, groupLength: 128)),
                    exactSinkCount: 16, rotation: .values))
        let q2 = try configuration(CacheOptions(keys: .q2, values: .q2))
        #expect(
            try q2
                == CacheConfiguration(
                    keyStorage: .quantized(Quantization(bitCount: 2, method: .hqq, axis: .channel)),
                    valueStorage: .quantized(Quantization(bitCount: 2, method: .hqq, axis: .token)),
                    exactSinkCount: 16, rotation: .values))
    }

    @Test func sidesOfDifferentSizesEachTakeTheirOwn() throws {
        let options = try CacheOptions(keys: .q2, values: .q8)
        #expect(options.keyCoding == CacheOptions.Storage.q2.bestKeyCoding)
        #expect(options.valueCoding == CacheOptions.Storage.q8.bestValueCoding)
        #expect(options.exactFirstCount == 16)
        #expect(options.rotation == .none)
        let exactKeys = try CacheOptions(keys: .f16, values: .q4)
        #expect(exactKeys.keyCoding == nil)
        #expect(exactKeys.rotation == .values)
    }

    @Test func everyChoiceReachesTheConfiguration() throws {
        let options = try CacheOptions(
            keys: .bf16, values: .q4, valueCoding: .init(method: .hqq, axis: .channel, groupLength: 128),
            residualLength: 70, exactFirstCount: 2, rotation: .both,
            retention: .compressive(segmentLength: 9, rule: .linear), placement: .disk(directory: "/x"),
            growth: .reserved(tokenCount: 11))
        let expected = try CacheConfiguration(
            keyStorage: .bf16,
            valueStorage: .quantized(
                Quantization(bitCount: 4, method: .hqq, axis: .channel, groupLength: 128)),
            residualLength: 70, exactSinkCount: 2, rotation: [.keys, .values],
            retention: .compressive(segmentLength: 9, rule: .linear), placement: .disk(directory: "/x"),
            growth: .reserved(tokenCount: 11))
        #expect(try configuration(options) == expected)
        let sinks = try CacheOptions(
            retention: .sinks(count: 4, window: 12, positions: .trueDistance))
        #expect(
            try configuration(sinks).retention == .sinks(count: 4, window: 12, positions: .trueDistance))
    }

    @Test func valuesInKeysAreHeldAsKeysAreUnlessMoreIsAsked() throws {
        let latent = LayerGeometry(
            kvHeadCount: 1, keyDimension: 24, valueDimension: 16, values: .firstKeyColumns, retention: .full)
        for size in [CacheOptions.Storage.q8, .q4, .q2] {
            let found = try configuration(CacheOptions(keys: size, values: size), layers: [latent])
            #expect(found.valueStorage == found.keyStorage)
            #expect(found.rotation.isEmpty)
            _ = try CachePlan(found, layers: [latent])
        }
        #expect(try configuration(.default, layers: [latent]).valueStorage.quantization?.axis == .channel)
        let rotated = try configuration(
            CacheOptions(keys: .q4, values: .q4, rotation: .both), layers: [latent])
        #expect(rotated.rotation == [.keys, .values])
        for options in [
            try CacheOptions(keys: .q8, values: .q4), try CacheOptions(keys: .f16, values: .q8),
            try CacheOptions(keys: .f16),
            try CacheOptions(keys: .q4, values: .q4, rotation: .values),
            try CacheOptions(
                keys: .q8, values: .q8, valueCoding: .init(method: .affine, axis: .token, groupLength: 64)),
        ] {
            let error = try #require(throws: NuthatchError.self) {
                try configuration(options, layers: [latent])
            }
            #expect(error.code == .usage)
            #expect(
                error.message.hasPrefix("Layer 0 holds its values once, as the first columns of its keys"))
        }
    }

    @Test func aReservedContextIsTheOneInForce() throws {
        let options = try CacheOptions(preset: .static, directory: "/x")
        #expect(try configuration(options, contextLength: 77).growth == .reserved(tokenCount: 77))
    }

    @Test func aReservationEndsWithTheContextUnlessItGoesOnWithoutEnd() throws {
        let options = try CacheOptions(growth: .reserved(tokenCount: 101))
        let error = try #require(throws: NuthatchError.self) { try configuration(options) }
        #expect(error.code == .usage)
        #expect(
            error.description == """
                The cache was to be reserved for 101 tokens; the context holds 100. Reserve at most 100 (--kv-capacity).
                """)
        let longer = try #require(throws: NuthatchError.self) {
            try options.configuration(
                layers: [Self.full], context: ContextBound(modelLength: 400, usualLength: 100))
        }
        #expect(
            longer.remedy == """
                Reserve at most 100 (--kv-capacity), or load the model for a longer context (--context), up to 400.
                """)
        let retention = CacheOptions.Retention.sinks(count: 4, window: 60, positions: .inCache)
        let endless = try CacheOptions(retention: retention, growth: .reserved(tokenCount: 101))
        #expect(try configuration(endless).growth == .reserved(tokenCount: 101))
        // A reservation of everything takes no more than the window does.
        let whole = try configuration(try CacheOptions(retention: retention, growth: .reservedContext))
        #expect(whole.growth == .reserved(tokenCount: 1 << 31))
        let bytes = try #require(CachePlan(whole, layers: [Self.full]).byteCount(tokenCount: 0))
        #expect(bytes < 10 * 64 * (8 + 16) * 2)
    }

    @Test func aSlidingWindowNeedsAModelWithOne() throws {
        let options = try CacheOptions(preset: .slidingWindow, directory: "/x")
        #expect(try configuration(options, layers: [Self.full, Self.window]).retention == nil)
        let error = try #require(throws: NuthatchError.self) { try configuration(options) }
        #expect(
            error.description == """
                A sliding_window cache was asked for, but no layer of the model has a window. Say how many tokens \
                to keep (--kv-retention window=N), or choose another cache.
                """)
    }

    @Test func whatCannotBeIsRefusedWithTheProperty() throws {
        func refusal(_ make: () throws -> CacheOptions) throws -> String {
            let error = try #require(throws: NuthatchError.self) { try make() }
            #expect(error.code == .usage)
            return error.description
        }
        #expect(
            try refusal { try CacheOptions(keys: .f16, keyCoding: .init(axis: .token)) }
                == "A coding was given for keys, which are held as f16. Hold keys in 8, 4 or 2 bits, or leave "
                + "the coding out.")
        #expect(
            try refusal { try CacheOptions(values: .f32, valueCoding: .init(axis: .token)) }
                == "A coding was given for values, which are held as f32. Hold values in 8, 4 or 2 bits, or "
                + "leave the coding out.")
        #expect(
            try refusal { try CacheOptions(keys: .f16, values: .bf16, residualLength: 128) }
                == "Some tokens are to stay exact in a cache that quantises none. Hold keys or values in 8, 4 "
                + "or 2 bits, or leave the numbers out.")
        #expect(
            try refusal {
                try CacheOptions(keys: .q4, keyCoding: .init(axis: .token, groupLength: 63))
            }
                == "A group of 63 numbers was asked for. Choose 32, 64 or 128.")
        #expect(
            try refusal { try CacheOptions(values: .q4, exactFirstCount: 17) }.contains("17 tokens"))
        #expect(
            try refusal { try CacheOptions(growth: .reserved(tokenCount: 0)) }
                .contains("0 tokens for a reservation"))
        #expect(
            try refusal { try CacheOptions(retention: .window(length: 0)) }.contains("0 tokens of window"))
        // Of meaning to codes, and so to the default.
        let coding = try CacheOptions.Coding(method: .hqq, axis: .token)
        let asked = try CacheOptions(keyCoding: coding, residualLength: 128, exactFirstCount: 3)
        #expect(asked.keyCoding == coding && asked.residualLength == 128 && asked.exactFirstCount == 3)
        #expect(try CacheOptions(keys: .f32, residualLength: 128).residualLength == 128)
    }
}
