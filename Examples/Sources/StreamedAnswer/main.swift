// Prints an answer as it is generated:
//
//     swift run -c release --package-path Examples StreamedAnswer "Why do nuthatches hide seeds?"

import Foundation
import Nuthatch

let asked = CommandLine.arguments.dropFirst().joined(separator: " ")
let question = asked.isEmpty ? "Why do nuthatches hide seeds?" : asked

let model = try await LanguageModel.load("smollm2")
let session = try Session(model)
for try await piece in session.streamResponse(to: question) {
    print(piece, terminator: "")
    fflush(nil)
}
print()
