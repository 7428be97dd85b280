import Foundation
import NuthatchHub
import NuthatchTensors
import Testing

@Suite struct HubPullTests {
    typealias Step = LoopbackServer.Step

    @Test func aFileIsFetchedVerifiedAndMovedIntoPlace() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        let server = try LoopbackServer { request, _ in HubFixture.honest(data, request) }
        defer { server.stop() }
        let location = try await fixture.puller(server.origin).pull(
            fixture.reference, report: fixture.log.report)
        #expect(location == .file(path: fixture.directory.path + "/" + fixture.modelPath))
        #expect(fixture.directory.read(fixture.modelPath) == fixture.data)
        #expect(server.requests.map(\.target) == ["/owner/bird/resolve/abc/bird.gguf"])
        #expect(fixture.log.contains { if case .finished = $0 { true } else { false } })
        #expect(!fixture.directory.files.contains(fixture.partialPath))
    }

    @Test func aModelThatIsPresentIsNotAskedForAgain() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        let server = try LoopbackServer { request, _ in HubFixture.honest(data, request) }
        defer { server.stop() }
        let puller = try fixture.puller(server.origin)
        _ = try await puller.pull(fixture.reference)
        _ = try await puller.pull(fixture.reference, report: fixture.log.report)
        #expect(server.requests.count == 1)
        #expect(
            fixture.log.events == [
                .alreadyPresent(path: fixture.directory.path + "/" + fixture.modelPath)
            ])
    }

    @Test func aServerThatNeverSendsTheWholeIsGivenUp() async throws {
        let fixture = try HubFixture(byteCount: 100_000)
        let data = fixture.data
        let server = try LoopbackServer { _, _ in [.head(200, [:]), .body(data.prefix(60_000))] }
        defer { server.stop() }
        await #expect(throws: HubError.self) {
            try await fixture.puller(server.origin).pull(fixture.reference)
        }
        #expect(server.requests.count <= 6)
    }

    @Test func aConnectionThatEndsEarlyIsGoneOnWith() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        let server = try LoopbackServer { request, number in
            guard number < 4 else { return HubFixture.honest(data, request) }
            let offset = request.offset
            let head =
                offset == 0
                ? Step.head(200, ["Content-Length": "\(data.count)"])
                : Step.head(
                    206,
                    [
                        "Content-Length": "\(data.count - offset)",
                        "Content-Range": "bytes \(offset)-\(data.count - 1)/\(data.count)",
                    ])
            return [head, .body(data.dropFirst(offset).prefix(70_000))]
        }
        defer { server.stop() }
        _ = try await fixture.puller(server.origin).pull(fixture.reference, report: fixture.log.report)
        #expect(server.requests.map(\.offset) == [0, 70_000, 140_000, 210_000])
        #expect(fixture.directory.read(fixture.modelPath) == data)
        #expect(fixture.log.events.filter { if case .retrying = $0 { true } else { false } }.count == 3)
    }

    @Test func aStalledBodyIsCutAndGoneOnWith() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        let server = try LoopbackServer { request, number in
            number == 1
                ? [.head(200, ["Content-Length": "\(data.count)"]), .body(data.prefix(50_000)), .hold]
                : HubFixture.honest(data, request)
        }
        defer { server.stop() }
        var configuration = ModelPuller.Configuration(endpoint: try HubEndpoint(server.origin))
        configuration.timeouts.stall = .milliseconds(300)
        configuration.retries.firstPause = .milliseconds(10)
        let puller = ModelPuller(store: fixture.store, configuration: configuration)
        _ = try await puller.pull(fixture.reference, report: fixture.log.report)
        #expect(server.requests.map(\.offset) == [0, 50_000])
        #expect(fixture.directory.read(fixture.modelPath) == data)
        #expect(
            fixture.log.contains {
                if case .retrying(_, _, let reason) = $0 { reason.contains("no byte came") } else { false }
            })
    }

    @Test func aServerThatNeverAnswersIsGivenUp() async throws {
        let fixture = try HubFixture()
        let server = try LoopbackServer { _, _ in [.hold] }
        defer { server.stop() }
        var configuration = ModelPuller.Configuration(endpoint: try HubEndpoint(server.origin))
        configuration.timeouts.answer = .milliseconds(200)
        let puller = ModelPuller(store: fixture.store, configuration: configuration)
        let error = await #expect(throws: HubError.self) { try await puller.pull(fixture.reference) }
        #expect(error?.message.contains("127.0.0.1 did not answer within 0.2 s") == true)
        #expect(server.requests.count == 1)
    }

    @Test func aFailingServerIsTriedAgainThriceAndNoMore() async throws {
        let fixture = try HubFixture()
        let server = try LoopbackServer { _, _ in [.head(500, ["Content-Length": "0"])] }
        defer { server.stop() }
        let error = await #expect(throws: HubError.self) {
            try await fixture.puller(server.origin).pull(fixture.reference)
        }
        #expect(server.requests.count == 3)
        #expect(
            error?.message
                == "bird could not be fetched: 127.0.0.1/owner/bird (500: the server failed).")
    }

    @Test(arguments: [
        (401, "401: the server asks for a token", "set HF_TOKEN"),
        (403, "403: the token does not open this model", "set HF_TOKEN"),
        (404, "404: no such file", "Check the repository"),
    ])
    func aRefusalNamesItsReasonAndRemedy(status: Int, reason: String, remedy: String) async throws {
        let fixture = try HubFixture()
        let server = try LoopbackServer { _, _ in [.head(status, ["Content-Length": "0"])] }
        defer { server.stop() }
        let error = await #expect(throws: HubError.self) {
            try await fixture.puller(server.origin).pull(fixture.reference)
        }
        #expect(server.requests.count == 1)
        #expect(error?.message.contains(reason) == true)
        #expect(error?.remedy?.contains(remedy) == true)
        #expect(error?.code == .unavailable)
    }

    @Test func aFileWithTheWrongContentIsNeverKept() async throws {
        let fixture = try HubFixture()
        let other = content(byteCount: fixture.data.count, seed: 2)
        let server = try LoopbackServer { request, _ in HubFixture.honest(other, request) }
        defer { server.stop() }
        let error = await #expect(throws: HubError.self) {
            try await fixture.puller(server.origin).pull(fixture.reference)
        }
        #expect(error?.message.contains("has the digest \(sha256(other))") == true)
        #expect(!fixture.directory.files.contains(fixture.modelPath))
        #expect(fixture.directory.read(fixture.partialPath)?.isEmpty != false)
        await #expect(throws: HubError.notInStore(reference: "bird", root: fixture.directory.path)) {
            try await fixture.store.locate(fixture.reference)
        }
    }

    @Test func aFileOfAnotherLengthIsRefusedBeforeItsBody() async throws {
        let fixture = try HubFixture()
        let server = try LoopbackServer { _, _ in
            [.head(200, ["Content-Length": "17"]), .body(Data(repeating: 1, count: 17))]
        }
        defer { server.stop() }
        let error = await #expect(throws: HubError.self) {
            try await fixture.puller(server.origin).pull(fixture.reference)
        }
        #expect(error?.message.contains("the file there has 17 bytes instead of 300000") == true)
    }

    @Test func aBodyWithoutEndIsCutAtTheFilesLength() async throws {
        // However they arrive, no pieces end where the file does: then its digest would be looked at.
        let error = try await pullBody(of: Data(repeating: 7, count: 7_001), count: 600)
        #expect(error?.message.contains("the body is longer than 300000 bytes") == true)
    }

    @Test func aBodyWithoutEndThatMakesAWholeFileIsJudgedByItsDigestOrItsLength() async throws {
        let error = try await pullBody(
            of: Data(repeating: 7, count: 10_000), count: 60, pause: .milliseconds(2))
        let reasons = ["the body is longer than 300000 bytes", "has the digest sha256:"]
        #expect(reasons.contains { error?.message.contains($0) == true })
    }

    /// What a pull of a file of 300,000 bytes says of a body of so many pieces.
    private func pullBody(of piece: Data, count: Int, pause: Duration? = nil) async throws -> HubError? {
        let fixture = try HubFixture()
        let server = try LoopbackServer { _, _ in
            [.head(200, [:])]
                + (0..<count).flatMap { _ in [Step.body(piece)] + (pause.map { [Step.pause($0)] } ?? []) }
        }
        defer { server.stop() }
        let error = await #expect(throws: HubError.self) {
            try await fixture.puller(server.origin).pull(fixture.reference)
        }
        #expect((fixture.directory.read(fixture.partialPath)?.count ?? 0) <= 300_000)
        return error
    }

    @Test func anUnreachableHubIsNamedWithItsReason() async throws {
        let fixture = try HubFixture()
        let server = try LoopbackServer { _, _ in [] }
        server.stop()
        let error = await #expect(throws: HubError.self) {
            try await fixture.puller(server.origin).pull(fixture.reference)
        }
        #expect(error?.message.contains("127.0.0.1 cannot be reached: ") == true)
        #expect(error?.remedy?.contains("HF_ENDPOINT") == true)
    }
}
