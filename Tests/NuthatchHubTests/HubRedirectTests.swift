import Foundation
import NuthatchHub
import Testing

@Suite struct HubRedirectTests {
    @Test func aRedirectIsFollowedWithItsRangeAndWithoutTheToken() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        try fixture.directory.write(data.prefix(4096), to: fixture.partialPath)
        let store = try LoopbackServer { request, _ in HubFixture.honest(data, request) }
        defer { store.stop() }
        let target = store.origin + "/blob?signature=1"
        let hub = try LoopbackServer { _, _ in [.head(302, ["Location": target, "Content-Length": "0"])] }
        defer { hub.stop() }
        _ = try await fixture.puller(hub.origin, token: "secret").pull(fixture.reference)
        #expect(hub.requests.map { $0.headers["authorization"] } == ["Bearer secret"])
        #expect(store.requests.map(\.target) == ["/blob?signature=1"])
        #expect(store.requests.map { $0.headers["authorization"] } == [nil])
        #expect(store.requests.map { $0.headers["range"] } == ["bytes=4096-"])
        #expect(fixture.directory.read(fixture.modelPath) == data)
    }

    @Test func aRelativeRedirectOnTheSameServerKeepsTheToken() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        let hub = try LoopbackServer { request, _ in
            request.target.hasPrefix("/owner/")
                ? [.head(307, ["Location": "/renamed/bird.gguf", "Content-Length": "0"])]
                : HubFixture.honest(data, request)
        }
        defer { hub.stop() }
        _ = try await fixture.puller(hub.origin, token: "secret").pull(fixture.reference)
        #expect(hub.requests.map(\.target).last == "/renamed/bird.gguf")
        #expect(hub.requests.map { $0.headers["authorization"] } == ["Bearer secret", "Bearer secret"])
    }

    @Test func aRedirectLoopIsBroken() async throws {
        let fixture = try HubFixture()
        let hub = try LoopbackServer { request, _ in
            [.head(302, ["Location": request.target, "Content-Length": "0"])]
        }
        defer { hub.stop() }
        let error = await #expect(throws: HubError.self) {
            try await fixture.puller(hub.origin).pull(fixture.reference)
        }
        #expect(error?.message.contains("more than 10 redirects") == true)
        #expect(hub.requests.count == 11)
    }
}
