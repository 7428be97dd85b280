import Nuthatch
import NuthatchTestSupport
import Testing

/// The last code of each tutorial, word for word: it compiles and runs. Scripts/check compares the two.
@Suite struct TutorialTests {
    @Test func aModelInsideASwiftService() async throws {
        struct Desk {
            let model: LanguageModel
            let cache: CacheOptions
            let rules = """
                You answer questions of bird watchers. You are brief and friendly. Where you don't know, you say so. You never \
                advise to touch a nest. Opening hours are Tuesday to Sunday, ten to five; admission is free for children. Binoculars \
                are lent at the entrance. The hide by the lake is closed in May, while the swans are breeding.
                """

            static func open() async throws -> Desk {
                let options = try LoadOptions(memoryBudget: 400_000_000)
                return Desk(
                    model: try await LanguageModel.load("smollm2", options: options),
                    cache: try CacheOptions(keys: .q8, values: .q4))
            }

            func session() throws -> Session {
                try Session(model, system: rules, cache: cache, sharing: .group("desk"))
            }

            func answer(_ question: String) async throws -> String {
                let options = try GenerationOptions(maximumNewTokens: 60)
                let stream = try session().streamResponse(to: question, options: options)
                var text = ""
                for try await piece in stream { text += piece.text }
                let report = try await stream.report()
                return "\(text)\n(\(report.cachedTokenCount) of \(report.promptTokenCount) tokens were there)"
            }
        }

        let desk = try await Desk.open()
        print(try await desk.answer("When are you open?"))
        let questions = [
            "What does a child pay?", "May I look into a nest?", "Is the hide by the lake open?",
        ]
        try await withThrowingTaskGroup(of: String.self) { group in
            for question in questions {
                group.addTask {
                    do {
                        return try await desk.answer(question)
                    } catch let error as NuthatchError where error.code == .outOfMemory {
                        return "The desk is busy. (\(error.message))"
                    }
                }
            }
            for try await answer in group { print(answer) }
        }

        #expect(questions.count == 3)
    }

    @Test func watchTheCacheThenChooseOne() async throws {
        let model = try await LanguageModel.load("smollm2")
        let explanation = try await model.explain(.oneToken)
        for step in explanation.steps {
            guard let cached = step.cached, let uncached = step.uncached else { continue }
            let keys = cached.shapes.first { $0.name == "cached K" }
            print(
                uncached.inputs.count, "tokens without,", cached.inputs.count, "with:", step.next?.text ?? "")
            print("  keys in the cache:", keys?.dimensions ?? [])
            print("  the same bits:", step.logitsAreEqual == true)
            print("  products:", uncached.work.multiplyAdds, "without,", cached.work.multiplyAdds, "with")
        }
        for use in explanation.uses {
            print("\(use.token.text): Q read \(use.queryReadCount) times, K and V \(use.keyReadCount) times")
        }

        let exact = try await LanguageModel.load("smollm2", options: LoadOptions(weights: .f32))
        let variants = [
            CacheVariant("f16", try CacheOptions(keys: .f16, values: .f16)),
            CacheVariant("q8", try CacheOptions(keys: .q8, values: .q8)),
            CacheVariant("q4", try CacheOptions(keys: .q4, values: .q4)),
            CacheVariant("q2", try CacheOptions(keys: .q2, values: .q2)),
        ]
        var options = ComparisonOptions()
        options.contextLength = 512
        options.roundCount = 1
        options.memoryByteCount = 250_000_000
        let comparison = try await CacheComparison(
            model, exact: exact, variants: variants, text: SampleText.text, options: options)
        for entry in comparison.entries {
            print(entry.name, entry.bitsPerValue, "bits, KL", entry.quality.meanKLDivergence)
            print("  a context of", entry.longestContext, "fits")
        }
        print("Recommended:", comparison.recommendation?.name ?? "none of them")

        let test = try await CacheTest(exact)
        print("Keys \(test.choice.keys), values \(test.choice.values), KL \(test.choice.meanKLDivergence)")
        print(test.byteCount, "bytes for the whole context instead of", test.floatByteCount)

        let budget = model.weightByteCount + 100_000_000
        let small = try await LanguageModel.load("smollm2", options: LoadOptions(memoryBudget: budget))
        let session = try Session(small, cache: try test.choice.options())
        print(try await session.respond(to: "Name three birds that store food.").text)

        let report = await session.cacheReport
        print(report.byteCount, "bytes,", report.bitsPerValue, "bits per value")

        #expect(explanation.steps.allSatisfy { $0.logitsAreEqual == true })
        #expect(comparison.entries.count == 4)
        #expect(try report.options == test.choice.options())
    }
}

/// Loads a tiny model where the tutorials name a published one.
extension LanguageModel {
    fileprivate static func load(_ name: String) async throws -> LanguageModel {
        try await load(name, options: .default)
    }

    fileprivate static func load(_ name: String, options: LoadOptions) async throws -> LanguageModel {
        // Every second id ends a turn, so that an answer is a few tokens long.
        let tiny = try TinyModel.llama(
            maxPositions: 1024, layerCount: 2, paddedSize: 1280,
            endTokens: Array(stride(from: 0, to: 1280, by: 2)))
        return try await load(tiny.path, options: options, library: nil)
    }
}
