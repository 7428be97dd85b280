// Prints an answer as it is generated:
//
//     swift run -c release --package-path Examples/StreamedAnswer StreamedAnswer "Why do nuthatches hide seeds?"

import Foundation
import Nuthatch

let asked = CommandLine.arguments.dropFirst().joined(separator: " ")
let question = asked.isEmpty ? "Why do nuthatches hide seeds?" : asked

// The models that the program `nuthatch` has, where NUTHATCH_HOME says or else in ~/.cache/nuthatch.
let library = try ModelLibrary(environment: ProcessInfo.processInfo.environment)
let model = try await LanguageModel.load("smollm2", library: library)
let session = try Session(model)
for try await piece in session.streamResponse(to: question) {
    print(piece, terminator: "")
}
print()
