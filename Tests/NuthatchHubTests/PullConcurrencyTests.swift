import Foundation
import NuthatchHub
import Testing

@Suite struct PullConcurrencyTests {
    @Test func twoPullsAtOnceFetchOnce() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        let server = try LoopbackServer { request, _ in
            [.pause(.milliseconds(300))] + HubFixture.honest(data, request)
        }
        defer { server.stop() }
        let puller = try fixture.puller(server.origin)
        let (reference, report) = (fixture.reference, fixture.log.report)
        async let first = puller.pull(reference, report: report)
        async let second = puller.pull(reference, report: report)
        let locations = try await [first, second]
        #expect(locations[0] == locations[1])
        #expect(server.requests.count == 1)
        #expect(fixture.log.contains { $0 == .waitingForAnotherPull })
        #expect(fixture.directory.read(fixture.modelPath) == data)
    }

    @Test func aCancelledPullLeavesAPartThatTheNextOneGoesOnFrom() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        let server = try LoopbackServer { request, number in
            number == 1
                ? [.head(200, ["Content-Length": "\(data.count)"]), .body(data.prefix(80_000)), .hold]
                : HubFixture.honest(data, request)
        }
        defer { server.stop() }
        let puller = try fixture.puller(server.origin)
        let (reference, directory, partial) = (fixture.reference, fixture.directory, fixture.partialPath)
        let pull = Task { () async -> HubError? in
            do throws(HubError) {
                _ = try await puller.pull(reference)
                return nil
            } catch {
                return error
            }
        }
        while directory.read(partial)?.count != 80_000 { try await Task.sleep(for: .milliseconds(10)) }
        pull.cancel()
        #expect(await pull.value == .cancelled(reference: "bird"))
        #expect(directory.read(partial) == data.prefix(80_000))
        #expect(directory.read(fixture.modelPath) == nil)
        _ = try await puller.pull(reference)
        #expect(server.requests.map(\.offset) == [0, 80_000])
        #expect(directory.read(fixture.modelPath) == data)
    }

    @Test func aModelBeingPulledIsNotRemoved() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        let server = try LoopbackServer { _, _ in
            [.head(200, ["Content-Length": "\(data.count)"]), .body(data.prefix(10)), .hold]
        }
        defer { server.stop() }
        let puller = try fixture.puller(server.origin)
        let reference = fixture.reference
        let pull = Task { _ = try? await puller.pull(reference) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(throws: HubError.inUse(reference: "bird")) { try fixture.store.remove(reference) }
        pull.cancel()
        await pull.value
    }
}
