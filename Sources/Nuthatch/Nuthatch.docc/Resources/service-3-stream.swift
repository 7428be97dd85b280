import Nuthatch

let model = try await LanguageModel.load("smollm2")
let session = try Session(model)
for try await piece in session.streamResponse(to: "Name three birds that store food.") {
    print(piece, terminator: "")
}
print()
