import Foundation
import NuthatchCheckpoints
import NuthatchTensors
import Testing

@Suite struct GGUFWritingTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func place(_ name: String) -> String {
        directory.url.appending(path: name).path(percentEncoded: false)
    }

    private func write(_ layout: GGUFLayout, _ contents: [[UInt8]], as name: String) throws -> String {
        let path = place(name)
        let file = try StagedFile(target: path, byteCount: layout.byteCount, replaces: false)
        try layout.header.withUnsafeBytes { try file.write($0, at: 0) }
        for (range, bytes) in zip(layout.ranges, contents) {
            try bytes.withUnsafeBytes { try file.write($0, at: range.lowerBound) }
        }
        try file.commit()
        return path
    }

    private func fields() -> GGUFFields {
        var fields = GGUFFields()
        fields.set("general.architecture", "llama")
        fields.set("a.count", UInt32(7))
        fields.set("a.number", Float(0.25))
        fields.set("a.flag", true)
        fields.set("a.texts", ["", "é", "seed"])
        fields.set("a.numbers", [Float(1), -2])
        fields.set("a.integers", [Int32(-1), 5])
        fields.set("a.flags", [true, false])
        return fields
    }

    @Test func whatIsWrittenIsRead() throws {
        let layout = try GGUFLayout(
            fields(),
            tensors: [
                .init(name: "odd", format: .f16, shape: [3, 5]),
                .init(name: "line", format: .f32, shape: [2]),
                .init(name: "blocks", format: .q8_0, shape: [2, 2, 32]),
            ], file: "test")
        let contents = layout.ranges.map { range in range.map { UInt8(truncatingIfNeeded: $0 &* 31) } }
        let file = try GGUFFile(path: try write(layout, contents, as: "file.gguf"))
        #expect(file.version == 3)
        #expect(file.metadata.keys == fields().keys)
        #expect(try file.metadata.integer("a.count") == 7)
        #expect(try file.metadata.number("a.number") == 0.25)
        #expect(try file.metadata.bool("a.flag"))
        #expect(try file.metadata.strings("a.texts") == ["", "é", "seed"])
        #expect(try file.metadata.numbers("a.numbers") == [1, -2])
        #expect(try file.metadata.integers("a.integers") == [-1, 5])
        #expect(try file.metadata.bools("a.flags") == [true, false])
        let checkpoint = Checkpoint.gguf(file)
        #expect(checkpoint.tensors.map(\.name) == ["odd", "line", "blocks"])
        #expect(checkpoint.tensors.map(\.shape) == [[3, 5], [2], [2, 2, 32]])
        for (tensor, bytes) in zip(checkpoint.tensors, contents) {
            #expect(Array(try checkpoint.rows(named: tensor.name).bytes) == bytes)
        }
        #expect(try checkpoint.rows(named: "blocks").outputCount == 4)
    }

    @Test func pairsOfAnotherFileAreTakenOverAsTheyAre() throws {
        let empty = try GGUFLayout(fields(), tensors: [], file: "test")
        let file = try GGUFFile(path: try write(empty, [], as: "first.gguf"))
        var copy = GGUFFields()
        copy.set("a.count", UInt32(1))
        try copy.copy(file.metadata) { $0 != "a.flag" }
        #expect(copy.keys == ["a.count"] + fields().keys.filter { $0 != "a.flag" && $0 != "a.count" })
        let again = try GGUFFile(
            path: try write(try GGUFLayout(copy, tensors: [], file: "test"), [], as: "second.gguf"))
        #expect(try again.metadata.integer("a.count") == 7)
        #expect(try again.metadata.strings("a.texts") == ["", "é", "seed"])
    }

    @Test func rowsThatAreNoWholeBlocksHaveNoLayout() {
        #expect(throws: CheckpointError.self) {
            try GGUFLayout(
                GGUFFields(), tensors: [.init(name: "t", format: .q4K, shape: [1, 255])], file: "test")
        }
        #expect(throws: CheckpointError.self) {
            try GGUFLayout(
                GGUFFields(), tensors: [.init(name: "t", format: .f32, shape: [.max, 2])], file: "test")
        }
    }

    @Test func aFileThatIsThereIsReplacedOnlyWhenAsked() throws {
        let path = try directory.write([1, 2, 3], to: "there")
        #expect(throws: CheckpointError.alreadyThere(path: path)) {
            try StagedFile(target: path, byteCount: 8, replaces: false)
        }
        let file = try StagedFile(target: path, byteCount: 2, replaces: true)
        try [UInt8(7)].withUnsafeBytes { try file.write($0, at: 1) }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data([1, 2, 3]))
        try file.commit()
        #expect(try Data(contentsOf: URL(filePath: path)) == Data([0, 7]))
    }

    @Test func whatIsNotCommittedLeavesNothing() throws {
        do {
            let file = try StagedFile(target: place("never"), byteCount: 100, replaces: true)
            #expect(FileManager.default.fileExists(atPath: file.path))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test func aDiskThatIsTooSmallIsSaidBeforeAnythingIsWritten() throws {
        let path = place("huge")
        do {
            _ = try StagedFile(target: path, byteCount: 1 << 60, replaces: false)
            Issue.record("a disk of 2^60 bytes")
        } catch CheckpointError.diskFull(let named, let needed, let free) {
            #expect(named == path && needed == 1 << 60)
            #expect(try #require(free) < 1 << 60)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test(arguments: ["/no/such/folder/file", "/"])
    func placesThatCannotBeWrittenAreNamed(path: String) {
        do {
            _ = try StagedFile(target: path, byteCount: 8, replaces: true)
            Issue.record("written to \(path)")
        } catch {
            #expect(error.message.hasPrefix("\(path) cannot be written: "))
        }
    }
}
