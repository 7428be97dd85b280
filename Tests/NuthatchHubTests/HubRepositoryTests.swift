import Foundation
import NuthatchHub
import Testing

@Suite struct HubRepositoryTests {
    /// A hub with one repository, answered from its files.
    private func hub(_ files: [String: Data]) throws -> LoopbackServer {
        try LoopbackServer { request, _ in
            if request.target.hasPrefix("/api/models/") {
                return HubFixture.honest(Self.listing(of: files), request)
            }
            let path = request.target.split(separator: "/").dropFirst(4).joined(separator: "/")
            guard let data = files[path] else { return [.head(404, ["Content-Length": "0"])] }
            return HubFixture.honest(data, request)
        }
    }

    private static func listing(of files: [String: Data]) -> Data {
        let entries = files.sorted { $0.key < $1.key }.map { path, data in
            """
            {"type":"file","oid":"\(String(repeating: "0", count: 40))","size":\(data.count),"path":"\(path)",
             "lfs":{"oid":"\(sha256(data).description.dropFirst(7))","size":\(data.count),"pointerSize":130}}
            """
        }
        return Data("[{\"type\":\"directory\",\"path\":\"sub\"},\(entries.joined(separator: ","))]".utf8)
    }

    private func pull(_ text: String, from server: LoopbackServer, into directory: TemporaryDirectory)
        async throws
        -> ModelLocation
    {
        let store = ModelStore(root: directory.path)
        let puller = ModelPuller(store: store, configuration: .init(endpoint: try HubEndpoint(server.origin)))
        return try await puller.pull(.parse(text))
    }

    @Test func theOnlyGGUFFileOfARepositoryIsFetched() async throws {
        let directory = try TemporaryDirectory()
        let data = content(byteCount: 5000)
        let server = try hub(["bird.gguf": data, "README.md": Data("x".utf8)])
        defer { server.stop() }
        let location = try await pull("hf:owner/bird", from: server, into: directory)
        #expect(location == .file(path: directory.path + "/hub/owner/bird/main/bird.gguf"))
        #expect(directory.read("hub/owner/bird/main/bird.gguf") == data)
        let store = ModelStore(root: directory.path)
        #expect(try await store.locate(.parse("hf:owner/bird")) == location)
        #expect(store.list().map(\.reference) == ["hf:owner/bird"])
        #expect(store.list().map(\.state) == [.present])
    }

    @Test func severalGGUFFilesAreListedUnlessOneIsNamed() async throws {
        let directory = try TemporaryDirectory()
        let server = try hub([
            "bird.Q4_1.gguf": content(byteCount: 10), "bird.Q8_0.gguf": content(byteCount: 20),
        ])
        defer { server.stop() }
        await #expect(
            throws: HubError.ambiguousFile(
                repository: "owner/bird", candidates: ["bird.Q4_1.gguf", "bird.Q8_0.gguf"])
        ) { try await pull("hf:owner/bird", from: server, into: directory) }
        _ = try await pull("hf:owner/bird:q8_0", from: server, into: directory)
        #expect(directory.read("hub/owner/bird/main/bird.Q8_0.gguf")?.count == 20)
        _ = try await pull("hf:owner/bird:bird.Q4_1.gguf", from: server, into: directory)
        let store = ModelStore(root: directory.path)
        #expect(store.list().map(\.byteCount) == [30])
        try store.remove(.parse("hf:owner/bird:Q4_1"))
        #expect(directory.read("hub/owner/bird/main/bird.Q4_1.gguf") == nil)
        #expect(store.list().map(\.byteCount) == [20])
    }

    @Test func aSplitModelIsOneChoiceAndComesWhole() async throws {
        let directory = try TemporaryDirectory()
        let parts = (1...3).map { "Q8/bird-0000\($0)-of-00003.gguf" }
        var files = Dictionary(
            uniqueKeysWithValues: parts.enumerated().map {
                ($1, content(byteCount: 100 + $0, seed: UInt64($0)))
            })
        files["mmproj-bird.gguf"] = content(byteCount: 7)
        let server = try hub(files)
        defer { server.stop() }
        let root = directory.path + "/hub/owner/bird/main/"
        for reference in ["hf:owner/bird", "hf:owner/bird:q8", "hf:owner/bird:\(parts[1])"] {
            #expect(try await pull(reference, from: server, into: directory) == .file(path: root + parts[0]))
        }
        for part in parts { #expect(directory.read("hub/owner/bird/main/\(part)") == files[part]) }
        #expect(directory.read("hub/owner/bird/main/mmproj-bird.gguf") == nil)
        let store = ModelStore(root: directory.path)
        #expect(store.list().map(\.byteCount) == [303])
        #expect(store.list().map(\.state) == [.present])
        try store.remove(.parse("hf:owner/bird:q8"))
        #expect(store.list().isEmpty)
    }

    @Test func aSplitModelThatLacksAPartIsRefusedBeforeAnythingIsFetched() async throws {
        let directory = try TemporaryDirectory()
        let server = try hub(["bird-00001-of-00002.gguf": content(byteCount: 10)])
        defer { server.stop() }
        let error = await #expect(throws: HubError.self) {
            try await pull("hf:owner/bird", from: server, into: directory)
        }
        #expect(error?.message == "owner/bird lacks 1 of the 2 files of a model: bird-00002-of-00002.gguf.")
        #expect(server.requests.allSatisfy { !$0.target.contains("/resolve/") })
    }

    @Test func aSafetensorsRepositoryBecomesADirectoryOfWhatALoaderOpens() async throws {
        let directory = try TemporaryDirectory()
        let server = try hub([
            "config.json": Data("{}".utf8), "tokenizer.json": Data("{ }".utf8),
            "model.safetensors.index.json": Data("{  }".utf8),
            "model-00001-of-00002.safetensors": content(byteCount: 700),
            "model-00002-of-00002.safetensors": content(byteCount: 800, seed: 4),
            "pytorch_model.bin": content(byteCount: 900), "onnx/model.onnx": content(byteCount: 9),
        ])
        defer { server.stop() }
        let location = try await pull("hf:owner/bird@v1.0", from: server, into: directory)
        #expect(location == .directory(path: directory.path + "/hub/owner/bird/v1.0"))
        #expect(
            directory.files.filter { !$0.contains(".nuthatch") && !$0.hasPrefix("locks") }
                == [
                    "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                    "model.safetensors.index.json", "tokenizer.json",
                ].map { "hub/owner/bird/v1.0/" + $0 })
    }

    @Test func aRepositoryCountsAsPresentOnlyWithItsLastFile() async throws {
        let directory = try TemporaryDirectory()
        let shards = [
            "model-00001-of-00002.safetensors": content(byteCount: 700),
            "model-00002-of-00002.safetensors": content(byteCount: 800, seed: 4),
        ]
        let files = shards.merging(["config.json": Data("{}".utf8)]) { first, _ in first }
        let broken = try LoopbackServer { request, _ in
            if request.target.hasPrefix("/api/") {
                return HubFixture.honest(Self.listing(of: files), request)
            }
            if request.target.contains("00002-of") { return [.head(404, ["Content-Length": "0"])] }
            return HubFixture.honest(
                request.target.contains("config") ? Data("{}".utf8) : content(byteCount: 700), request)
        }
        defer { broken.stop() }
        await #expect(throws: HubError.self) {
            try await pull("hf:owner/bird", from: broken, into: directory)
        }
        #expect(directory.read("hub/owner/bird/main/model-00001-of-00002.safetensors")?.count == 700)
        let store = ModelStore(root: directory.path)
        await #expect(throws: HubError.notInStore(reference: "hf:owner/bird", root: directory.path)) {
            try await store.locate(.parse("hf:owner/bird"))
        }
        #expect(store.list().isEmpty)

        let whole = try hub(files)
        defer { whole.stop() }
        _ = try await pull("hf:owner/bird", from: whole, into: directory)
        #expect(whole.requests.map(\.target).filter { $0.contains("/resolve/") }.count == 1)
        #expect(store.list().map(\.state) == [.present])
    }

    /// A revision is one component of a path, so its slashes are none; those of a file are, and its spaces are escaped.
    @Test func namesAreEscapedInAddresses() async throws {
        let directory = try TemporaryDirectory()
        let data = content(byteCount: 10)
        let server = try LoopbackServer { request, _ in
            HubFixture.honest(
                request.target.hasPrefix("/api/")
                    ? Self.listing(of: ["first try/bird \u{00E9}.gguf": data]) : data, request)
        }
        defer { server.stop() }
        _ = try await pull("hf:owner/bird@refs/pr/1", from: server, into: directory)
        #expect(
            server.requests.map(\.target) == [
                "/api/models/owner/bird/tree/refs%2Fpr%2F1?recursive=true",
                "/owner/bird/resolve/refs%2Fpr%2F1/first%20try/bird%20%C3%A9.gguf",
            ])
    }

    @Test func theListingsNextPageIsRead() async throws {
        let directory = try TemporaryDirectory()
        let (first, second) = (["README.md": Data("x".utf8)], ["bird.gguf": content(byteCount: 64)])
        let server = try LoopbackServer { request, _ in
            if request.target.contains("cursor=2") {
                return HubFixture.honest(Self.listing(of: second), request)
            }
            if request.target.hasPrefix("/api/") {
                let page = Self.listing(of: first)
                let next = "</api/models/owner/bird/tree/main?cursor=2>; rel=\"next\""
                return [.head(200, ["Content-Length": "\(page.count)", "Link": next]), .body(page)]
            }
            return HubFixture.honest(content(byteCount: 64), request)
        }
        defer { server.stop() }
        _ = try await pull("hf:owner/bird", from: server, into: directory)
        #expect(directory.read("hub/owner/bird/main/bird.gguf")?.count == 64)
    }

    @Test(arguments: [
        (#"[{"type":"file","path":"../../bird.gguf","oid":"x","size":1}]"#, "'.' or '..'"),
        (#"[{"type":"file","path":"/etc/bird.gguf","oid":"x","size":1}]"#, "empty"),
        (#"[{"type":"file","path":"a\u0000.gguf","oid":"x","size":1}]"#, "control character"),
        (#"[{"type":"file","path":"bird.gguf","oid":"x","size":1}]"#, "without a usable size and digest"),
        (
            #"[{"type":"file","path":"bird.gguf","oid":"0000000000000000000000000000000000000000","size":-1}]"#,
            "without a usable size and digest"
        ),
        (#"{"error":"no"}"#, "is not the JSON it should be"),
        ("[", "is not the JSON it should be"),
        ("[]", "neither a .gguf file nor safetensors"),
    ])
    func aHostileListingWritesNothing(listing: String, words: String) async throws {
        let directory = try TemporaryDirectory()
        let server = try LoopbackServer { request, _ in HubFixture.honest(Data(listing.utf8), request) }
        defer { server.stop() }
        let error = await #expect(throws: HubError.self) {
            try await pull("hf:owner/bird", from: server, into: directory)
        }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(directory.files == ["locks/hub--owner--bird--main.lock"])
    }

    @Test func aListingThatLeadsElsewhereIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let page = Self.listing(of: ["README.md": Data("x".utf8)])
        let server = try LoopbackServer { _, _ in
            [
                .head(
                    200,
                    ["Content-Length": "\(page.count)", "Link": "<http://127.0.0.1:1/x>; rel=\"next\""]),
                .body(page),
            ]
        }
        defer { server.stop() }
        let error = await #expect(throws: HubError.self) {
            try await pull("hf:owner/bird", from: server, into: directory)
        }
        #expect(error?.message.contains("goes on at another server") == true)
    }
}
