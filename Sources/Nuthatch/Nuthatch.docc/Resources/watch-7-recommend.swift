import Nuthatch

let model = try await LanguageModel.load("smollm2")
let explanation = try await model.explain(.oneToken)
for step in explanation.steps {
    guard let cached = step.cached, let uncached = step.uncached else { continue }
    let keys = cached.shapes.first { $0.name == "cached K" }
    print(uncached.inputs.count, "tokens without,", cached.inputs.count, "with:", step.next?.text ?? "")
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
