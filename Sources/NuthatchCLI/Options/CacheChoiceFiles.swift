import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchHub
import NuthatchTensors

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The caches that tests chose, a small file for each model in the store's folder `caches`, by the model's fingerprint.
struct CacheChoiceFiles {
    private let directory: URL
    /// Far more than a choice takes.
    private static let maximumByteCount = 1 << 16

    init(_ settings: Settings) { directory = settings.storeDirectory.appendingPathComponent("caches") }

    private func path(_ fingerprint: String) -> String {
        directory.appendingPathComponent(fingerprint + ".json").path
    }

    /// Makes the folder, where it is not there yet, and sees whether files can be made in it; asked before long work.
    func prepare() throws {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        } catch {
            throw NuthatchError(
                code: .unavailable,
                message: "The folder \(directory.path) can't be made: \(error.plainReason).",
                remedy: "Give the store another place (NUTHATCH_HOME).")
        }
        let probe = FileName.unique(directory.path + "/probe-")
        _ = try SystemFile(probe, for: .creating(.everybody))
        FileName.remove(probe)
    }

    /// Writes a choice in place of the one before; returns where.
    func write(_ choice: CacheChoice) throws -> String {
        try prepare()
        let path = path(choice.fingerprint)
        let bytes = Array(try JSONOutput.line(choice).utf8)
        let file = try StagedFile(target: path, byteCount: bytes.count, replaces: true)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        try file.commit()
        return path
    }

    /// Removes a model's choice; whether there was one.
    func remove(for checkpoint: Checkpoint) throws -> Bool {
        let path = path(ModelDigests.fingerprint(of: checkpoint))
        guard FileManager.default.fileExists(atPath: path) else { return false }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw NuthatchError(
                code: .unavailable, message: "\(path) can't be removed: \(error.plainReason).",
                remedy: "Check its permissions.")
        }
        return true
    }

    /// Whether there may be choices.
    var hasAny: Bool { FileStatus(path: directory.path) != nil }

    /// The choice for a model; nil where there is none.
    ///
    /// - Throws: `NuthatchError` (badData) for a file that is there and is no choice.
    func choice(for checkpoint: Checkpoint) throws(NuthatchError) -> CacheChoice? {
        let fingerprint = ModelDigests.fingerprint(of: checkpoint)
        let path = path(fingerprint)
        guard let status = FileStatus(path: path) else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard status.kind == .file, let bytes = try? ByteFile.read(path, byteLimit: Self.maximumByteCount),
            let choice = try? decoder.decode(CacheChoice.self, from: Data(bytes)),
            choice.fingerprint == fingerprint, choice.isSound
        else {
            throw NuthatchError(
                code: .badData, message: "\(path) holds no choice of a cache for this model.",
                remedy: "Choose again (nuthatch cache-test), or remove the file.")
        }
        return choice
    }
}

extension CacheOptionGroup {
    /// Whether an option says how keys and values are held.
    private var saysStorage: Bool {
        cache != nil || keys != nil || values != nil || windowKeys != nil || windowValues != nil
            || method != nil || groupLength != nil || keyAxis != nil || valueAxis != nil
            || residualLength != nil || exactFirstCount != nil || rotation != nil
    }

    /// The cache that was asked for; where no option says how keys and values are held, as a test chose it for the model.
    ///
    /// - Parameters:
    ///   - asked: what the options say.
    ///   - model: as it was named; it is fetched where it is missing, as loading it would.
    /// - Returns: the cache, and whether a test chose how it holds them.
    func chosen(
        over asked: CacheOptions, for model: String, quiet: Bool
    ) async throws -> (cache: CacheOptions, isChosen: Bool) {
        guard !saysStorage else { return (asked, false) }
        let settings = Settings()
        // Where nothing was ever chosen, no header has to be read for it.
        guard CacheChoiceFiles(settings).hasAny else { return (asked, false) }
        let files = try ModelFiles(settings, quiet: quiet)
        let checkpoint = try Checkpoint.open(try await files.locate(model).path)
        guard let choice = try CacheChoiceFiles(settings).choice(for: checkpoint) else {
            return (asked, false)
        }
        let chosen = try CacheOptions(
            keys: choice.keys, values: choice.values, windowKeys: choice.windowKeys,
            windowValues: choice.windowValues, retention: asked.retention, placement: asked.placement,
            growth: asked.growth)
        if !quiet {
            Terminal.standardError.say(
                "nuthatch: The cache holds \(StorageText(chosen).text), as cache-test chose for this model (KL "
                    + "\(SmallNumber.text(choice.meanKLDivergence)) of at most "
                    + "\(SmallNumber.text(choice.tolerance))); --cache dynamic takes half floats.\n")
        }
        return (chosen, true)
    }
}

extension CacheChoice {
    /// Whether its numbers can be what a test measured.
    fileprivate var isSound: Bool {
        [meanKLDivergence, tolerance].allSatisfy { $0 >= 0 && $0 < 1e6 }
    }
}
