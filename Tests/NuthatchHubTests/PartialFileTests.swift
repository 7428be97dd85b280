import Foundation
import NuthatchHub
import NuthatchTensors
import Testing

/// Parts of files that an earlier pull left, and what servers answer to the ranges asked for behind them.
@Suite struct PartialFileTests {
    typealias Step = LoopbackServer.Step

    @Test func aPartIsGoneOnFromWhereItEnds() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        try fixture.directory.write(data.prefix(100_001), to: fixture.partialPath)
        let server = try LoopbackServer { request, _ in HubFixture.honest(data, request) }
        defer { server.stop() }
        _ = try await fixture.puller(server.origin).pull(fixture.reference, report: fixture.log.report)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=100001-"])
        #expect(fixture.directory.read(fixture.modelPath) == data)
        #expect(
            fixture.log.contains { if case .trying(_, _, _, 100_001) = $0 { true } else { false } })
    }

    @Test func aServerWithoutRangesIsReadFromTheStart() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        try fixture.directory.write(data.prefix(100_001), to: fixture.partialPath)
        let server = try LoopbackServer { _, _ in
            [.head(200, ["Content-Length": "\(data.count)"]), .body(data)]
        }
        defer { server.stop() }
        _ = try await fixture.puller(server.origin).pull(fixture.reference, report: fixture.log.report)
        #expect(fixture.directory.read(fixture.modelPath) == data)
        #expect(fixture.log.contains { if case .startedOver = $0 { true } else { false } })
    }

    /// How a mirror may answer a request for the bytes from `offset` on, other than as the protocol has it.
    private static let rangeAnswers: [(String, @Sendable (Data, Int) -> [Step])] = [
        (
            "200 with the range and its bytes",
            { data, offset in
                [
                    .head(
                        200,
                        [
                            "Content-Length": "\(data.count - offset)",
                            "Content-Range": "bytes \(offset)-\(data.count - 1)/\(data.count)",
                        ]), .body(data.dropFirst(offset)),
                ]
            }
        ),
        (
            "200 with the range's bytes alone",
            { data, offset in
                [.head(200, ["Content-Length": "\(data.count - offset)"]), .body(data.dropFirst(offset))]
            }
        ),
        (
            "200 with the range's bytes, of no stated length",
            { data, offset in [.head(200, [:]), .body(data.dropFirst(offset))] }
        ),
        (
            "206 without a range",
            { data, offset in
                [.head(206, ["Content-Length": "\(data.count - offset)"]), .body(data.dropFirst(offset))]
            }
        ),
        (
            "206 with another range",
            { data, offset in
                let other = offset / 2
                return [
                    .head(
                        206,
                        [
                            "Content-Length": "\(data.count - other)",
                            "Content-Range": "bytes \(other)-\(data.count - 1)/\(data.count)",
                        ]), .body(data.dropFirst(other)),
                ]
            }
        ),
        (
            "206 with fewer bytes than its range",
            { data, offset in
                [
                    .head(
                        206,
                        [
                            "Content-Length": "1000",
                            "Content-Range": "bytes \(offset)-\(data.count - 1)/\(data.count)",
                        ]), .body(data.dropFirst(offset).prefix(1000)),
                ]
            }
        ),
        (
            "206 of a file of another length",
            { data, offset in
                [
                    .head(
                        206,
                        [
                            "Content-Length": "\(data.count - offset)",
                            "Content-Range": "bytes \(offset)-\(data.count - 1)/\(data.count + 7)",
                        ]), .body(data.dropFirst(offset)),
                ]
            }
        ),
        ("416", { _, _ in [.head(416, ["Content-Length": "0"])] }),
    ]

    @Test(arguments: rangeAnswers.indices)
    func aMirrorThatDoesNotKeepToRangesCannotKeepAPullFromEnding(index: Int) async throws {
        let answer = Self.rangeAnswers[index].1
        let fixture = try HubFixture(byteCount: 100_000)
        let data = fixture.data
        try fixture.directory.write(data.prefix(70_000), to: fixture.partialPath)
        let server = try LoopbackServer { request, _ in
            request.headers["range"] == nil
                ? HubFixture.honest(data, request) : answer(data, request.offset)
        }
        defer { server.stop() }
        _ = try await fixture.puller(server.origin).pull(fixture.reference, report: fixture.log.report)
        #expect(fixture.directory.read(fixture.modelPath) == data, "\(Self.rangeAnswers[index].0)")
        #expect(server.requests.first?.headers["range"] == "bytes=70000-")
        // Once that a range was not kept to is enough.
        if index != 5 { #expect(server.requests.count <= 2, "\(Self.rangeAnswers[index].0)") }
    }

    @Test func aFileThatChangesBetweenTwoAnswersIsFetchedAnew() async throws {
        let fixture = try HubFixture(byteCount: 100_000)
        let data = fixture.data
        let old = content(byteCount: 100_000, seed: 3)
        let server = try LoopbackServer { request, number in
            guard number == 1 else { return HubFixture.honest(data, request) }
            return [
                .head(200, ["Content-Length": "\(old.count)", "ETag": "\"old\""]), .body(old.prefix(40_000)),
            ]
        }
        defer { server.stop() }
        _ = try await fixture.puller(server.origin).pull(fixture.reference, report: fixture.log.report)
        #expect(server.requests.map { $0.headers["range"] } == [nil, "bytes=40000-", nil])
        #expect(fixture.directory.read(fixture.modelPath) == data)
    }

    @Test func aPartThatDoesNotBelongIsFoundOutAndFetchedAnew() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        try fixture.directory.write(content(byteCount: 5000, seed: 9), to: fixture.partialPath)
        let server = try LoopbackServer { request, _ in HubFixture.honest(data, request) }
        defer { server.stop() }
        _ = try await fixture.puller(server.origin).pull(fixture.reference, report: fixture.log.report)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=5000-", nil])
        #expect(fixture.directory.read(fixture.modelPath) == data)
    }

    @Test func aCompletePartIsVerifiedWithoutAskingAnyone() async throws {
        let fixture = try HubFixture()
        try fixture.directory.write(fixture.data, to: fixture.partialPath)
        let server = try LoopbackServer { _, _ in [.head(500, [:])] }
        defer { server.stop() }
        _ = try await fixture.puller(server.origin).pull(fixture.reference)
        #expect(server.requests.isEmpty)
        #expect(fixture.directory.read(fixture.modelPath) == fixture.data)
    }

    @Test func aRefusedRangeEmptiesThePart() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        try fixture.directory.write(data.prefix(1000), to: fixture.partialPath)
        let server = try LoopbackServer { request, number in
            number == 1 ? [.head(416, ["Content-Length": "0"])] : HubFixture.honest(data, request)
        }
        defer { server.stop() }
        _ = try await fixture.puller(server.origin).pull(fixture.reference)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=1000-", nil])
        #expect(fixture.directory.read(fixture.modelPath) == data)
    }
}
