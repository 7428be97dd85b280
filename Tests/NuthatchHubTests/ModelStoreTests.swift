import Foundation
import NuthatchHub
import NuthatchTensors
import Testing

@Suite struct ModelStoreTests {
    @Test func aFilePutThereByHandIsHashedOnceAndThenTrusted() async throws {
        let fixture = try HubFixture()
        try fixture.directory.write(fixture.data, to: fixture.modelPath)
        #expect(fixture.store.list().map(\.state) == [.unverified])
        _ = try await fixture.store.locate(fixture.reference)
        #expect(fixture.store.list().map(\.state) == [.present])
        #expect(fixture.store.list().map(\.source) == ["found in the store"])
    }

    @Test func aFileChangedAfterItWasVerifiedIsFoundOut() async throws {
        let fixture = try HubFixture()
        let path = try fixture.directory.write(fixture.data, to: fixture.modelPath)
        _ = try await fixture.store.locate(fixture.reference)
        var spoilt = fixture.data
        spoilt[1234] ^= 1
        try fixture.directory.write(spoilt, to: fixture.modelPath)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
        let error = await #expect(throws: HubError.self) { try await fixture.store.locate(fixture.reference) }
        #expect(error?.code == .badData)
        #expect(error?.message.contains(sha256(spoilt).description) == true)
    }

    @Test func aSpoiltFileIsReplacedByAPull() async throws {
        let fixture = try HubFixture()
        let data = fixture.data
        try fixture.directory.write(content(byteCount: data.count, seed: 3), to: fixture.modelPath)
        let server = try LoopbackServer { request, _ in HubFixture.honest(data, request) }
        defer { server.stop() }
        _ = try await fixture.puller(server.origin).pull(fixture.reference, report: fixture.log.report)
        #expect(fixture.directory.read(fixture.modelPath) == data)
        #expect(fixture.log.contains { if case .replacing = $0 { true } else { false } })
    }

    @Test func aFileOfTheWrongSizeIsDamagedAndNotUsed() async throws {
        let fixture = try HubFixture()
        try fixture.directory.write(fixture.data.dropLast(), to: fixture.modelPath)
        #expect(fixture.store.list().map(\.state) == [.damaged])
        let error = await #expect(throws: HubError.self) { try await fixture.store.locate(fixture.reference) }
        #expect(error?.message.contains("expected 300000 bytes, found 299999 bytes") == true)
    }

    @Test(arguments: [
        "", "{", "[1]", #"{"version":99}"#, #"{"version":1,"source":"x","entries":[{"path":"../x"}]}"#,
    ])
    func aBrokenReceiptCostsAHashAndNoMore(text: String) async throws {
        let fixture = try HubFixture()
        try fixture.directory.write(fixture.data, to: fixture.modelPath)
        try fixture.directory.write(Data(text.utf8), to: "models/bird/.nuthatch/receipt.json")
        _ = try await fixture.store.locate(fixture.reference)
        #expect(fixture.store.list().map(\.state) == [.present])
    }

    @Test func removingFreesTheModelAndItsParts() throws {
        let fixture = try HubFixture()
        try fixture.directory.write(fixture.data, to: fixture.modelPath)
        try fixture.directory.write(Data(count: 10), to: fixture.partialPath)
        #expect(try fixture.store.remove(fixture.reference) == 300_010)
        #expect(fixture.directory.files == ["locks/bird.lock"])
        #expect(throws: HubError.notInStore(reference: "bird", root: fixture.directory.path)) {
            try fixture.store.remove(fixture.reference)
        }
    }

    @Test func filesOutsideTheStoreAreLocatedAndNeverRemoved() async throws {
        let fixture = try HubFixture()
        let path = try fixture.directory.write(Data("GGUF".utf8), to: "elsewhere/x.gguf")
        let reference = try ModelReference.parse(path)
        #expect(try await fixture.store.locate(reference) == .file(path: path))
        #expect(throws: HubError.self) { try fixture.store.remove(reference) }
        await #expect(throws: HubError.nothingAtPath(path: "/no/such.gguf", expected: "model file")) {
            try await fixture.store.locate(.parse("/no/such.gguf"))
        }
    }

    @Test func anEmptyStoreListsNothing() throws {
        #expect(ModelStore(root: "/no/such/store").list().isEmpty)
    }

    @Test func aStoreThatCannotBeWrittenSaysWhere() async throws {
        let fixture = try HubFixture()
        let file = try fixture.directory.write(Data(), to: "file")
        let store = ModelStore(root: file, catalogue: fixture.store.catalogue)
        let puller = ModelPuller(
            store: store, configuration: .init(endpoint: try HubEndpoint("http://127.0.0.1:1")))
        let error = await #expect(throws: HubError.self) { try await puller.pull(fixture.reference) }
        guard case .systemFailure(_, let path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path.hasPrefix(file))
    }
}
