import Nuthatch

let model = try await LanguageModel.load("smollm2")
let session = try Session(model)
let answer = try await session.respond(to: "Name three birds that store food.")
print(answer.text)
