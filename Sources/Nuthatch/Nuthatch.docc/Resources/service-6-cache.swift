import Nuthatch

struct Desk {
    let model: LanguageModel
    let cache: CacheOptions

    static func open() async throws -> Desk {
        let options = try LoadOptions(memoryBudget: 400_000_000)
        return Desk(
            model: try await LanguageModel.load("smollm2", options: options),
            cache: try CacheOptions(keys: .q8, values: .q4))
    }

    func session() throws -> Session {
        try Session(model, cache: cache)
    }
}

let desk = try await Desk.open()
let session = try desk.session()
for try await piece in session.streamResponse(to: "Name three birds that store food.") {
    print(piece, terminator: "")
}
print()
