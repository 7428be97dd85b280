import Nuthatch

let model = try await LanguageModel.load("smollm2")
let explanation = try await model.explain(.oneToken)
for step in explanation.steps {
    guard let cached = step.cached, let uncached = step.uncached else { continue }
    print(uncached.inputs.count, "tokens without,", cached.inputs.count, "with:", step.next?.text ?? "")
}
