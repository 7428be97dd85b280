extension ModelPuller {
    /// Asks the hub what the repository holds, and fetches what the reference means of it.
    func fetch(
        _ reference: HubReference, into directory: ModelDirectory,
        report: @escaping @Sendable (PullEvent) -> Void
    ) async throws(HubError) -> ModelLocation {
        let place = PullSource.hub(host: configuration.endpoint.host, repository: reference.repository)
        do throws(FetchFailure) {
            let listing: [HubFile]
            do {
                listing = try await hub.files(of: reference)
            } catch {
                throw FetchFailure(error)
            }
            let choice = try FetchFailure.stopping { () throws(HubError) in
                try HubFileChoice.choose(
                    from: listing, wanted: reference.file, repository: reference.repository)
            }
            for file in choice.files {
                if await isPresent(file, in: directory) { continue }
                let fetch = FileFetch(
                    file: file, directory: directory, place: place, root: store.root, report: report)
                try await fetch.fromHub(
                    hub, repository: reference.repository, revision: reference.revision, path: file.path)
            }
            try FetchFailure.stopping { () throws(HubError) in
                try store.noteArrival(of: choice.files, from: place, in: directory)
            }
            let location = choice.location(in: directory)
            report(.finished(path: location.path, source: place))
            return location
        } catch {
            switch error {
            case .source(let reason, let remedy):
                let failure = SourceFailure(source: place, reason: reason, remedy: remedy)
                report(.sourceFailed(failure, next: nil))
                throw .unavailable(reference: reference.description, attempts: [failure])
            case .stop(let error): throw error
            case .cancelled: throw .cancelled(reference: reference.description)
            }
        }
    }

    /// Whether an interrupted pull has brought a file already; no receipt says so, hence it is hashed.
    private func isPresent(_ file: HubFile, in directory: ModelDirectory) async -> Bool {
        let receipt = Receipt.read(at: directory.receipt)
        do {
            _ = try await store.entries(for: [file], in: directory, trusting: receipt)
            return true
        } catch {
            return false
        }
    }
}
