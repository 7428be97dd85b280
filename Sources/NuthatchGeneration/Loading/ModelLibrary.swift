package import NuthatchHub
public import NuthatchTensors

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The models on this disk, and where missing ones come from.
public struct ModelLibrary: Sendable {
    /// How far a fetch has come.
    public struct Progress: Sendable, Equatable {
        /// The file being fetched.
        public let file: String
        /// Bytes here.
        public let byteCount: Int
        /// Bytes in all.
        public let totalByteCount: Int
        /// Bytes a second over the last seconds; nil until it can be told.
        public let bytesPerSecond: Double?
    }

    package let store: ModelStore
    package let puller: ModelPuller
    /// What `~` stands for in the names of models; nil leaves it to the account.
    private let home: String?

    /// Opens the library that the program `nuthatch` uses where the environment is the same.
    ///
    /// - Parameter environment: of it `NUTHATCH_HOME`, else `XDG_CACHE_HOME` or `HOME`, says where models are kept,
    ///   `HF_ENDPOINT` the hub's address, and `HF_TOKEN` what is shown to it; what is missing or empty has its default.
    ///   Default: this process's.
    /// - Throws: `NuthatchError` (usage) for an endpoint that is no HTTP address.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(NuthatchError) {
        try self.init(
            directory: Self.directory(in: environment),
            hubEndpoint: Self.value("HF_ENDPOINT", in: environment),
            hubToken: Self.value("HF_TOKEN", in: environment), home: UserHome.path(in: environment))
    }

    /// Where models are kept, as an environment says: the rule of `StoreDirectory`.
    package static func directory(in environment: [String: String]) -> URL {
        URL(fileURLWithPath: StoreDirectory.path(in: environment), isDirectory: true)
    }

    private static func value(_ name: String, in environment: [String: String]) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Opens a library, whatever the environment says.
    ///
    /// - Parameters:
    ///   - directory: where models are kept.
    ///   - hubEndpoint: the hub's address; nil takes the Hugging Face Hub's.
    ///   - hubToken: shown to the hub, for repositories that ask for one.
    /// - Throws: `NuthatchError` (usage) for an endpoint that is no HTTP address.
    public init(
        directory: URL, hubEndpoint: String? = nil, hubToken: String? = nil
    ) throws(NuthatchError) {
        try self.init(directory: directory, hubEndpoint: hubEndpoint, hubToken: hubToken, home: nil)
    }

    private init(
        directory: URL, hubEndpoint: String?, hubToken: String?, home: String?
    ) throws(NuthatchError) {
        self.home = home
        store = ModelStore(root: directory.path)
        do {
            puller = ModelPuller(
                store: store, configuration: .init(endpoint: try HubEndpoint(hubEndpoint, token: hubToken)))
        } catch {
            throw NuthatchError(error)
        }
    }

    /// Where a model's files are, as far as they are here: nothing is fetched.
    ///
    /// - Throws: `NuthatchError` (unavailable) with the command that fetches it, where it is not here.
    package func find(_ name: String) async throws(NuthatchError) -> ModelLocation {
        let reference = try ModelReference(name, home: home)
        do {
            return try await store.locate(reference)
        } catch {
            throw NuthatchError(error)
        }
    }

    /// Where a model's files are, fetched first if they are not here.
    ///
    /// - Parameter name: an alias (`smollm2`), a path, or `hf:owner/name[:file]`.
    package func locate(
        _ name: String, report: @escaping @Sendable (PullEvent) -> Void
    ) async throws(NuthatchError) -> ModelLocation {
        let reference = try ModelReference(name, home: home)
        do {
            return try await puller.pull(reference, report: report)
        } catch {
            throw NuthatchError(error)
        }
    }
}

extension ModelLibrary.Progress {
    /// The part of a pull's events that a progress view needs.
    init?(_ event: PullEvent) {
        guard case .progress(let progress) = event else { return nil }
        file = progress.file
        byteCount = progress.byteCount
        totalByteCount = progress.totalByteCount
        bytesPerSecond = progress.bytesPerSecond
    }
}
