internal import NuthatchTensors

/// The models on this disk. See `StoreLayout` for what lies where.
///
/// Invariant: a model the store hands out is complete and was verified as it now is. Reading takes no lock,
/// because files only ever appear whole.
package struct ModelStore: Sendable {
    package let root: String
    package let catalogue: ModelCatalogue
    let layout: StoreLayout

    package init(root: String, catalogue: ModelCatalogue = .builtIn) {
        self.root = root
        self.catalogue = catalogue
        self.layout = StoreLayout(root: root)
    }

    /// The files `reference` names, verified; throws `notInStore` where a pull would bring them.
    package func locate(_ reference: ModelReference) async throws(HubError) -> ModelLocation {
        switch reference.kind {
        case .file(let path):
            guard let status = FileStatus(path: path), !status.isDirectory else {
                throw .nothingAtPath(path: path, expected: "model file")
            }
            return .file(path: path)
        case .directory(let path):
            guard let status = FileStatus(path: path), status.isDirectory else {
                throw .nothingAtPath(path: path, expected: "file or directory")
            }
            return .directory(path: path)
        case .catalogue(let model):
            let file = HubFile(path: model.file, byteCount: model.byteCount, digest: model.digest)
            let directory = layout.directory(of: model)
            guard FileStatus(path: directory.file(model.file)) != nil else {
                throw .notInStore(reference: model.name, root: root)
            }
            try await verify([file], in: directory)
            return .file(path: directory.file(model.file))
        case .hub(let reference):
            return try await locate(reference)
        }
    }

    private func locate(_ reference: HubReference) async throws(HubError) -> ModelLocation {
        let directory = layout.directory(of: reference)
        let files = Receipt.read(at: directory.receipt)?.files ?? []
        guard !files.isEmpty,
            let choice = try? HubFileChoice.choose(
                from: files, wanted: reference.file, repository: reference.repository)
        else { throw .notInStore(reference: reference.description, root: root) }
        try await verify(choice.files, in: directory)
        return choice.location(in: directory)
    }

    /// Throws unless the files are what they should be; notes in the receipt what had to be hashed for that.
    private func verify(_ files: [HubFile], in directory: ModelDirectory) async throws(HubError) {
        let receipt = Receipt.read(at: directory.receipt)
        let entries = try await entries(for: files, in: directory, trusting: receipt)
        guard entries.contains(where: { receipt?.entries.contains($0) != true }) else { return }
        // A store that cannot be written still serves; it hashes again next time.
        try? note(entries, source: receipt?.source ?? "found in the store", in: directory)
    }

    /// What a receipt would say of files that are as they should be; hashes those that `receipt` does not vouch for.
    func entries(
        for files: [HubFile], in directory: ModelDirectory, trusting receipt: Receipt?
    ) async throws(HubError) -> [Receipt.Entry] {
        var entries: [Receipt.Entry] = []
        for file in files {
            let path = directory.file(file.path)
            guard let status = FileStatus(path: path) else {
                throw .nothingAtPath(path: path, expected: "file, though its receipt names one,")
            }
            guard status.byteCount == file.byteCount else {
                throw .wrongContent(
                    file: path, expected: "\(Counted.text(file.byteCount, "byte"))",
                    found: "\(Counted.text(status.byteCount, "byte"))")
            }
            let entry = Receipt.Entry(
                path: file.path, byteCount: file.byteCount, digest: file.digest.description,
                modifiedAt: status.modifiedAt)
            entries.append(entry)
            if receipt?.entries.contains(entry) == true { continue }
            let found = try await file.digest.measured(at: path)
            guard found == file.digest else {
                throw .wrongContent(
                    file: path, expected: file.digest.description, found: found.description)
            }
        }
        return entries
    }

    /// Notes files that were just moved into place; their names vouch for their content.
    func noteArrival(of files: [HubFile], from source: PullSource, in directory: ModelDirectory)
        throws(HubError)
    {
        let entries = files.compactMap { file in
            FileStatus(path: directory.file(file.path)).map {
                Receipt.Entry(
                    path: file.path, byteCount: file.byteCount, digest: file.digest.description,
                    modifiedAt: $0.modifiedAt)
            }
        }
        try note(entries, source: source.description, in: directory)
    }

    /// Adds entries to a model's receipt, in place of older ones for the same paths.
    private func note(_ entries: [Receipt.Entry], source: String, in directory: ModelDirectory)
        throws(HubError)
    {
        let paths = Set(entries.map(\.path))
        let kept = (Receipt.read(at: directory.receipt)?.entries ?? []).filter { !paths.contains($0.path) }
        try Disk.makeDirectory(directory.workspace)
        try Receipt(source: source, entries: kept + entries).write(to: directory.receipt)
    }
}
