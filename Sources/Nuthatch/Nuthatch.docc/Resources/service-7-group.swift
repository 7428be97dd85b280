import Nuthatch

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
}

let desk = try await Desk.open()
let session = try desk.session()
for try await piece in session.streamResponse(to: "When are you open?") {
    print(piece, terminator: "")
}
print()
