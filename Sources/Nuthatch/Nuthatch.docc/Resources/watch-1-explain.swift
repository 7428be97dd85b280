import Nuthatch

let model = try await LanguageModel.load("smollm2")
let explanation = try await model.explain(.oneToken)
print(explanation.text)
