import Nuthatch

struct Desk {
    let model: LanguageModel

    static func open() async throws -> Desk {
        let options = try LoadOptions(memoryBudget: 400_000_000)
        return Desk(model: try await LanguageModel.load("smollm2", options: options))
    }
}

let desk = try await Desk.open()
let session = try Session(desk.model)
for try await piece in session.streamResponse(to: "Name three birds that store food.") {
    print(piece, terminator: "")
}
print()
