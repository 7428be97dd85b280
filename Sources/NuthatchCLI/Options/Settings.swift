import NuthatchGeneration
import NuthatchHub
import NuthatchTensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the environment says, read once per command; no other room reads it.
package struct Settings {
    /// What the library of models reads: NUTHATCH_HOME and the homes it may be in, HF_ENDPOINT, HF_TOKEN.
    let environment: [String: String]
    /// Where models are kept.
    let storeDirectory: URL
    /// What `~` stands for.
    let homeDirectory: String
    /// Where chats keep what was typed.
    var historyPath: String { storeDirectory.appendingPathComponent("chat_history").path }
    /// The kind of terminal: TERM.
    let terminalName: String?
    /// Where caches on the disk keep their pages: the folder `kv` there.
    var pageDirectory: String { storeDirectory.appendingPathComponent("kv").path }
    /// Makes that folder, where it is not there yet.
    func makePageDirectory() throws(NuthatchError) {
        do {
            try FileManager.default.createDirectory(atPath: pageDirectory, withIntermediateDirectories: true)
        } catch {
            throw NuthatchError(
                code: .unavailable,
                message: "The folder \(pageDirectory) can't be made: \(error.plainReason).",
                remedy: "Name another one with --kv-placement disk:DIR.")
        }
    }

    /// NO_COLOR is set to anything but the empty string.
    let refusesColour: Bool

    package init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        self.environment = environment
        storeDirectory = ModelLibrary.directory(in: environment)
        homeDirectory = UserHome.path(in: environment)
        terminalName = value("TERM")
        refusesColour = value("NO_COLOR") != nil
    }
}
