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

    func answer(_ question: String) async throws -> String {
        let stream = try session().streamResponse(to: question)
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
    for question in questions { group.addTask { try await desk.answer(question) } }
    for try await answer in group { print(answer) }
}
