internal import NuthatchTensors

extension ModelStore {
    /// What the store holds, the catalogue's models first; nothing is hashed.
    package func list() -> [StoredModel] {
        catalogue.models.compactMap(stored) + hubDirectories().compactMap(stored)
    }

    /// Removes what `reference` names from the store, with its unfinished parts; returns the bytes freed.
    ///
    /// A hub reference without a file removes the whole revision. Files outside the store are never touched.
    @discardableResult
    package func remove(_ reference: ModelReference) throws(HubError) -> Int {
        switch reference.kind {
        case .file, .directory:
            throw .notInStore(reference: reference.description, root: root)
        case .catalogue(let model):
            return try remove(layout.directory(of: model), named: model.name)
        case .hub(let hub) where hub.file == nil:
            return try remove(layout.directory(of: hub), named: hub.description)
        case .hub(let hub):
            return try removeFile(of: hub)
        }
    }

    private func remove(_ directory: ModelDirectory, named name: String) throws(HubError) -> Int {
        guard FileStatus(path: directory.path) != nil else { throw .notInStore(reference: name, root: root) }
        return try StoreLock.holdNow(directory, reference: name) { () throws(HubError) in
            let byteCount = Disk.byteCount(below: directory.path)
            try Disk.removeIfPresent(directory.path)
            return byteCount
        }
    }

    private func removeFile(of reference: HubReference) throws(HubError) -> Int {
        let directory = layout.directory(of: reference)
        guard let receipt = Receipt.read(at: directory.receipt) else {
            throw .notInStore(reference: reference.description, root: root)
        }
        let choice = try HubFileChoice.choose(
            from: receipt.files, wanted: reference.file, repository: reference.repository)
        let paths = Set(choice.files.map(\.path))
        let kept = receipt.entries.filter { !paths.contains($0.path) }
        guard !kept.isEmpty else { return try remove(directory, named: reference.description) }
        return try StoreLock.holdNow(directory, reference: reference.description) { () throws(HubError) in
            try Receipt(source: receipt.source, entries: kept).write(to: directory.receipt)
            for path in paths { try Disk.removeIfPresent(directory.file(path)) }
            return choice.byteCount
        }
    }

    private func stored(_ model: CatalogueModel) -> StoredModel? {
        let directory = layout.directory(of: model)
        guard let status = FileStatus(path: directory.file(model.file)) else { return nil }
        let receipt = Receipt.read(at: directory.receipt)
        let state: StoredModel.State =
            if status.byteCount != model.byteCount {
                .damaged
            } else if let receipt, receipt.vouches(for: directory) {
                .present
            } else {
                .unverified
            }
        return StoredModel(
            reference: model.name, path: directory.file(model.file), byteCount: status.byteCount,
            source: receipt?.source ?? "found in the store", state: state)
    }

    private func stored(_ reference: HubReference) -> StoredModel? {
        let directory = layout.directory(of: reference)
        guard let receipt = Receipt.read(at: directory.receipt) else { return nil }
        let isWhole = receipt.entries.allSatisfy {
            FileStatus(path: directory.file($0.path))?.byteCount == $0.byteCount
        }
        return StoredModel(
            reference: reference.description, path: directory.path,
            byteCount: receipt.files.reduce(0) { $0 + $1.byteCount }, source: receipt.source,
            state: receipt.vouches(for: directory) ? .present : isWhole ? .unverified : .damaged)
    }

    private func hubDirectories() -> [HubReference] {
        Disk.names(in: layout.hub).flatMap { owner in
            Disk.names(in: "\(layout.hub)/\(owner)").flatMap { name in
                Disk.names(in: "\(layout.hub)/\(owner)/\(name)").compactMap { revision in
                    try? HubReference(
                        repository: "\(owner)/\(name)",
                        revision: revision.replacing("%2F", with: "/"))
                }
            }
        }
    }
}
