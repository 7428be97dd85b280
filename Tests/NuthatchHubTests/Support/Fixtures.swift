import Crypto
import Foundation
import NuthatchHub
import Synchronization

/// A directory that is removed with its last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "nuthatch-hub-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @discardableResult
    func write(_ data: Data, to relativePath: String) throws -> String {
        let target = path + "/" + relativePath
        let parent = (target as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: target))
        return target
    }

    func read(_ relativePath: String) -> Data? {
        FileManager.default.contents(atPath: path + "/" + relativePath)
    }

    /// Relative paths of all files, sorted.
    var files: [String] {
        (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []).filter {
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: path + "/" + $0, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }.sorted()
    }
}

/// Content without a period that any error in offsets would keep.
func content(byteCount: Int, seed: UInt64 = 1) -> Data {
    var state = seed
    return Data(
        (0..<byteCount).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        })
}

func sha256(_ data: Data) -> ContentDigest {
    .sha256(SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined())
}

/// Events in the order they came.
final class EventLog: Sendable {
    private let log = Mutex<[PullEvent]>([])

    var events: [PullEvent] { log.withLock { $0 } }
    var report: @Sendable (PullEvent) -> Void { { event in self.log.withLock { $0.append(event) } } }

    func contains(_ isWanted: (PullEvent) -> Bool) -> Bool { events.contains(where: isWanted) }
}

/// A store with one model in its catalogue, `bird`, whose only source is a loopback server.
struct HubFixture {
    let directory: TemporaryDirectory
    let data: Data
    let model: CatalogueModel
    let store: ModelStore
    let log = EventLog()

    init(
        byteCount: Int = 300_000, sources: [CatalogueSource]? = nil, digest: ContentDigest? = nil
    ) throws {
        directory = try TemporaryDirectory()
        data = content(byteCount: byteCount)
        model = CatalogueModel(
            name: "bird", summary: "a bird", file: "bird.gguf", byteCount: byteCount,
            digest: digest ?? sha256(data),
            sources: sources ?? [.hub(repository: "owner/bird", revision: "abc", file: "bird.gguf")])
        store = ModelStore(root: directory.path, catalogue: ModelCatalogue(models: [model]))
    }

    var reference: ModelReference { ModelReference(.catalogue(model)) }
    var modelPath: String { "models/bird/bird.gguf" }
    var partialPath: String { "models/bird/.nuthatch/\(model.digest.description.dropFirst(7)).partial" }

    func puller(_ origin: String, token: String? = nil) throws -> ModelPuller {
        var configuration = ModelPuller.Configuration(endpoint: try HubEndpoint(origin, token: token))
        configuration.retries.firstPause = .milliseconds(10)
        return ModelPuller(store: store, configuration: configuration)
    }

    /// An honest server's answer: ranges, lengths, the whole content.
    static func honest(_ data: Data, _ request: LoopbackServer.Request) -> [LoopbackServer.Step] {
        guard request.headers["range"] != nil else {
            return [.head(200, ["Content-Length": "\(data.count)"]), .body(data)]
        }
        let offset = request.offset
        guard offset < data.count else {
            return [.head(416, ["Content-Range": "bytes */\(data.count)", "Content-Length": "0"])]
        }
        return [
            .head(
                206,
                [
                    "Content-Length": "\(data.count - offset)",
                    "Content-Range": "bytes \(offset)-\(data.count - 1)/\(data.count)",
                ]), .body(data.dropFirst(offset)),
        ]
    }
}
