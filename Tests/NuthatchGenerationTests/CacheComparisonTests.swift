import Foundation
import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import Synchronization
import Testing

/// Caches beside each other: what is measured, and what is recommended of it.
@Suite struct CacheComparisonTests {
    private func model(maxPositions: Int = 512) async throws -> (LanguageModel, TemporaryDirectory) {
        let tiny = TinyLlama(
            headDimension: 16, maxPositions: maxPositions, layerCount: 2,
            vocabularySize: TinyTokenizer.vocabularySize)
        let directory = try tiny.write()
        try TinyTokenizer.write(to: directory, addsBeginning: true)
        return (
            try await LanguageModel.load(
                at: directory.path, options: LoadOptions(threadCount: 2, weights: .f32)), directory
        )
    }

    private let text = String(repeating: "The nuthatch hides every seed in a place of its own. ", count: 6)

    @Test("Floats cost nothing, codes something; bytes are the planner's; the result survives JSON")
    func cachesAreCompared() async throws {
        let (model, _) = try await model()
        var options = ComparisonOptions()
        options.contextLength = 200
        options.generatedTokenCount = 8
        options.roundCount = 2
        options.depthCount = 2
        let shares = Shares()
        let comparison = try await CacheComparison(
            model,
            variants: [
                CacheVariant("f32", try CacheOptions(keys: .f32, values: .f32)),
                CacheVariant("q8", try CacheOptions(keys: .q8, values: .q8)),
                CacheVariant("q2", try CacheOptions(keys: .q2, values: .q2)),
                CacheVariant(
                    "window", try CacheOptions(keys: .f16, values: .f16, retention: .window(length: 64))),
            ], text: text, options: options
        ) { share, _ in shares.note(share) }
        #expect(comparison.entries.map(\.name) == ["f32", "q8", "q2", "window"])
        #expect(comparison.depths == [100, 200] && comparison.qualityWeights == "f32")
        let qualities = comparison.entries.map(\.quality)
        #expect(qualities[0].meanKLDivergence == 0 && qualities[0].top1Agreement == 1)
        #expect(qualities[0].firstDifference == nil)
        #expect(qualities[1].meanKLDivergence > 0)
        #expect(qualities[2].meanKLDivergence > qualities[1].meanKLDivergence)
        #expect(comparison.entries.map(\.dropsTokens) == [false, false, false, true])
        // 200 tokens are three full pages: too few to say what codes cost.
        #expect(comparison.entries.map(\.isJudged) == [true, false, false, true])
        #expect(comparison.recommendation?.name == "f32")
        for entry in comparison.entries {
            #expect(entry.prefill.count == 2 && entry.decode.count == 2)
            for speed in entry.prefill + entry.decode {
                #expect(speed.lowest > 0 && speed.lowest <= speed.median && speed.median <= speed.highest)
            }
            // The planner's line is in steps of a 32nd of the context: of 16 tokens.
            for bytes in entry.bytes {
                let above = try #require(
                    entry.plannedBytes.first { $0.tokenCount >= bytes.tokenCount }?.byteCount)
                #expect(bytes.byteCount <= above, "\(entry.name)")
            }
        }
        #expect(shares.areAscending && shares.last == 1)
        let json = try JSONEncoder().encode(comparison)
        #expect(try JSONDecoder().decode(CacheComparison.self, from: json) == comparison)
    }

    @Test("Windows cost what they drop")
    func windowsCost() async throws {
        let (model, _) = try await model()
        var options = ComparisonOptions()
        (options.generatedTokenCount, options.roundCount, options.depthCount) = (1, 1, 1)
        let comparison = try await CacheComparison(
            model,
            variants: [
                CacheVariant(
                    "long", try CacheOptions(keys: .f32, values: .f32, retention: .window(length: 500))),
                CacheVariant(
                    "short", try CacheOptions(keys: .f32, values: .f32, retention: .window(length: 20))),
            ], text: text, options: options)
        #expect(comparison.entries[0].quality.meanKLDivergence < 1e-6)
        #expect(comparison.entries[1].quality.meanKLDivergence > 1e-6)
        // Neither is recommended: the first only has not dropped anything yet.
        #expect(comparison.recommendation == nil)
    }

    @Test("What a model can't have is refused by the cache's name, before anything is measured")
    func whatCannotBeHadIsNamed() async throws {
        let (model, _) = try await model()
        let shares = Shares()
        func refusal(
            _ variants: [CacheVariant], _ text: String, _ change: (inout ComparisonOptions) -> Void = { _ in }
        ) async throws -> NuthatchError {
            var options = ComparisonOptions()
            change(&options)
            let asked = options
            return try #require(
                await #expect(throws: NuthatchError.self) {
                    _ = try await CacheComparison(model, variants: variants, text: text, options: asked) {
                        share, _ in shares.note(share)
                    }
                })
        }
        let plain = [CacheVariant("plain", .default)]
        let windows = plain + [CacheVariant("mine", try CacheOptions(retention: .modelWindow))]
        #expect(try await refusal(windows, text).message.contains("The cache mine"))
        #expect(try await refusal([], text).code == .usage)
        #expect(try await refusal(plain, "a").message.contains("2 tokens, of a text of 2"))
        #expect(try await refusal(plain, text) { $0.roundCount = 0 }.message.contains("0 rounds"))
        #expect(try await refusal(plain, text) { $0.depthCount = 1000 }.message.contains("depths"))
        #expect(try await refusal(plain, text) { $0.tolerance = -.infinity }.code == .usage)
        let small = [CacheVariant("small", try CacheOptions(growth: .reserved(tokenCount: 5)))]
        #expect(try await refusal(small, text).message.contains("The cache small is reserved for 5 tokens"))
        let long = String(repeating: text, count: 4)
        #expect(try await refusal(plain, long) { $0.contextLength = 600 }.code == .contextFull)
        #expect(shares.last == 0)
    }

    @Test("The usual caches are those that the model can have")
    func usualCaches() async throws {
        let (model, directory) = try await model()
        let usual = try CacheVariant.usual(for: model, contextLength: 256, directory: directory.path)
        #expect(Set(usual.map(\.name)).count == usual.count)
        #expect(usual.contains { $0.name == "sinks=4+60" } && usual.contains { $0.name == "offloaded" })
        #expect(!usual.contains { $0.name == "sliding_window" })
        for variant in usual { _ = try model.contextLength(keeping: variant.options) }
        // Presets are those of the command line.
        for (name, preset) in [
            ("dynamic (f16)", .dynamic), ("static", .static), ("quantized (q4)", .quantized),
            ("offloaded", .offloaded), ("offloaded_static", .offloadedStatic),
        ] as [(String, CacheOptions.Preset)] {
            let options = try CacheOptions(preset: preset, directory: directory.path)
            #expect(usual.first { $0.name == name }?.options == options, "\(name)")
        }
    }

    // MARK: Choosing

    @Test("A test chooses the smallest within the tolerance, and half floats where nothing is")
    func theSmallestWithinTheToleranceIsChosen() async throws {
        let (model, _) = try await model()
        let loose = try await CacheTest(model, text: text, tolerance: 1000)
        #expect(loose.choice.keys == .q2 && loose.choice.values == .q2)
        #expect(loose.kinds.map(\.name) == ["full"] && loose.kinds[0].candidates.count == 6)
        #expect(loose.byteCount < loose.floatByteCount)
        let strict = try await CacheTest(model, text: text, tolerance: 0)
        #expect(strict.choice.keys == .f16 && strict.choice.values == .f16)
        // The whole context of 512 tokens: 8 pages of two layers of one head of 16 keys and 16 values.
        #expect(strict.floatByteCount == 8 * 2 * 64 * 32 * 2 && strict.byteCount == strict.floatByteCount)
        let costs = loose.kinds[0].candidates.map(\.meanKLDivergence)
        let between = try await CacheTest(model, text: text, tolerance: costs[2] * 1.001)
        #expect(between.choice.meanKLDivergence <= between.tolerance)
        #expect(between.choice.keys == .q4 && between.choice.values == .q4, "\(costs)")
        #expect(try between.choice.options().keys == .q4)
        #expect(between.choice.fingerprint == model.fingerprint && model.fingerprint.count == 16)
        await #expect(throws: NuthatchError.self) { _ = try await CacheTest(model, tolerance: .nan) }
        for (text, count) in [("", nil), ("seed", nil), (text, 255), (text, 0), (text, -1)]
            as [(String, Int?)]
        {
            await #expect(throws: NuthatchError.self) {
                _ = try await CacheTest(model, text: text, contextLength: count)
            }
        }
    }

    @Test(
        "Layers with a window are chosen for by themselves",
        .enabled(if: RealModel.isExpected(RealModel.gemma)))
    func windowsAreChosenForByThemselves() async throws {
        let model = try await RealModel.load(RealModel.gemma)
        let test = try await CacheTest(
            model, text: String(SampleText.text.prefix(1500)), tolerance: 0.05)
        #expect(test.kinds.map(\.name) == ["full", "window"] && test.kinds.map(\.layerCount) == [3, 15])
        // While one kind is tried the other is in half floats: both tried those beside those.
        #expect(test.kinds[0].candidates.last == test.kinds[1].candidates.last)
        #expect(test.choice.meanKLDivergence <= 0.05)
        #expect(test.byteCount < test.floatByteCount / 2)
        // The choice is a cache that generates.
        let session = try Session(model, cache: test.choice.options())
        _ = try await session.complete("The nuthatch", options: GenerationOptions(maximumNewTokens: 2))
    }
}

/// What a progress closure was told.
private final class Shares: Sendable {
    private let shares = Mutex<[Double]>([])

    func note(_ share: Double) { shares.withLock { $0.append(share) } }

    var last: Double { shares.withLock { $0.last ?? 0 } }
    var areAscending: Bool { shares.withLock { zip($0, $0.dropFirst()).allSatisfy { $0 <= $1 } } }
}
