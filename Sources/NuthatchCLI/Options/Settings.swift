import NuthatchHub
import NuthatchTensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the environment says, read once per command; no other room reads it.
package struct Settings {
    /// Where models are kept, by the rule of `StoreDirectory`.
    let storeDirectory: URL
    /// What `~` stands for.
    let homeDirectory: String
    /// The Hugging Face Hub to ask: HF_ENDPOINT.
    let hubEndpoint: String?
    /// The token shown to it: HF_TOKEN.
    let hubToken: String?
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
        storeDirectory = URL(fileURLWithPath: StoreDirectory.path(in: environment), isDirectory: true)
        homeDirectory = UserHome.path(in: environment)
        hubEndpoint = value("HF_ENDPOINT")
        hubToken = value("HF_TOKEN")
        refusesColour = value("NO_COLOR") != nil
    }
}
