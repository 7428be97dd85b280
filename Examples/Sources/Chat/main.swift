// A conversation, line by line; each turn computes only what the cache does not hold:
//
//     swift run -c release --package-path Examples Chat

import Foundation
import Nuthatch

let model = try await LanguageModel.load("smollm2")
let session = try Session(model, system: "You are a helpful assistant. Answer in one sentence.")
print("\(model.name) is here. /cache shows what it remembers, Ctrl-D leaves.")
while let line = ask() {
    if line == "/cache" {
        let cache = await session.cacheReport
        print("\(cache.layers[0].seenTokenCount) tokens in \(cache.byteCount / 1000) kB")
        continue
    }
    do {
        let answer = session.streamResponse(to: line)
        for try await piece in answer { show("\(piece)") }
        let report = try await answer.report()
        print("\n(\(report.cachedTokenCount) of \(report.promptTokenCount) tokens were in the cache)")
    } catch {
        print(error)
    }
}

func ask() -> String? { show("> "); return readLine() }
func show(_ text: String) { print(text, terminator: ""); fflush(nil) }
