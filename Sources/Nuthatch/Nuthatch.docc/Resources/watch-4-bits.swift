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
