import Foundation
import NuthatchCheckpoints
import NuthatchTensors
import Testing

/// A model in several GGUF files is one model, from whichever part it is opened.
@Suite struct SplitGGUFTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func name(_ number: Int, of count: Int) -> String { "m-0000\(number)-of-0000\(count).gguf" }

    private func path(_ name: String) -> String { directory.path + "/" + name }

    /// As llama.cpp's gguf-split writes a part.
    private func part(_ index: Int, of count: Int, tensors: [String], all: Int = 3) -> GGUFBuilder {
        var builder = GGUFBuilder()
        if index == 0 {
            builder.add("general.architecture", .string("llama"))
            builder.add("general.name", .string("bird"))
        }
        builder.add("split.no", .integer(UInt16(index), .uint16))
        builder.add("split.count", .integer(UInt16(count), .uint16))
        builder.add("split.tensors.count", .integer(Int32(all), .int32))
        for (place, tensor) in tensors.enumerated() {
            builder.add(tensor, shape: [2], [Float(place), Float(index)])
        }
        return builder
    }

    @discardableResult
    private func write(_ builder: GGUFBuilder, as name: String) throws -> String {
        try directory.write(builder.build(), to: name)
        return path(name)
    }

    private func writeBoth() throws -> (first: String, second: String) {
        (
            try write(part(0, of: 2, tensors: ["a", "b"]), as: name(1, of: 2)),
            try write(part(1, of: 2, tensors: ["c"]), as: name(2, of: 2))
        )
    }

    private func error(_ name: String) throws -> CheckpointError {
        try #require(throws: CheckpointError.self) { try Checkpoint.open(path(name)) }
    }

    @Test func `every part opens the whole model`() throws {
        let (first, second) = try writeBoth()
        var identities: Set<Checkpoint.Identity> = []
        for given in [first, second, directory.path] {
            let checkpoint = try Checkpoint.open(given)
            #expect(checkpoint.tensors.map(\.name) == ["a", "b", "c"])
            #expect(checkpoint.tensorByteCount == 24)
            #expect(try checkpoint.floats(named: "c") == [0, 1])
            #expect(checkpoint.path == first)
            #expect(checkpoint.weightPaths == [first, second])
            #expect(checkpoint.statedArchitecture == "llama")
            #expect(checkpoint.formatDescription == "GGUF, version 3, 2 files")
            identities.insert(checkpoint.identity)
        }
        #expect(identities.count == 1)
    }

    @Test func `identity and digest cover all parts`() throws {
        let (first, _) = try writeBoth()
        func content() throws -> (Checkpoint.Identity, [UInt8]) {
            let checkpoint = try Checkpoint.open(first)
            var bytes: [UInt8] = []
            checkpoint.forEachContent { bytes += Array($0) }
            return (checkpoint.identity, bytes)
        }
        let before = try content()
        var other = part(1, of: 2, tensors: ["c"])
        other.tensors[0].bytes[5] ^= 1
        try write(other, as: name(2, of: 2))
        let after = try content()
        #expect(before.0 != after.0)
        #expect(before.1 != after.1)
    }

    @Test func `a first part may hold the header alone`() throws {
        let first = try write(part(0, of: 2, tensors: [], all: 1), as: name(1, of: 2))
        try write(part(1, of: 2, tensors: ["c"], all: 1), as: name(2, of: 2))
        #expect(try Checkpoint.open(first).tensors.map(\.name) == ["c"])
    }

    @Test func `a count of one is a whole model under any name`() throws {
        let whole = try write(part(0, of: 1, tensors: ["a"], all: 1), as: "whole.gguf")
        #expect(try Checkpoint.open(whole).tensors.map(\.name) == ["a"])
    }

    @Test func `a missing part is named with its path`() throws {
        try write(part(0, of: 2, tensors: ["a"]), as: name(1, of: 2))
        let missing = try error(name(1, of: 2))
        #expect(
            missing.description
                == "\(path(name(1, of: 2))) is part 1 of 2 of a model, and part 2 is missing: there is no "
                + "\(path(name(2, of: 2))). Fetch all parts into one directory, or pull the model.")
        #expect(missing.code == .unavailable)
    }

    @Test func `parts whose names don't lead to the others say so`() throws {
        try write(part(0, of: 2, tensors: ["a"]), as: "sha256-1")
        #expect(try error("sha256-1") == .unnumberedPart(file: path("sha256-1"), number: 1, count: 2))
        try write(part(0, of: 2, tensors: ["a"]), as: name(2, of: 2))
        #expect(
            try error(name(2, of: 2)).message.contains(
                "its header calls it part 1 of 2, and its name part 2 of 2"))
    }

    @Test func `a directory of renamed parts says what their names must be`() throws {
        try write(part(0, of: 3, tensors: ["a"]), as: "bird-a.gguf")
        try write(part(1, of: 3, tensors: ["b"]), as: "bird-b.gguf")
        let two = try #require(throws: CheckpointError.self) { try Checkpoint.open(directory.path) }
        #expect(two.code == .badData)
        #expect(
            two.description
                == "\(directory.path) holds files that look like parts of one model by their headers, and their names don't "
                + "say so: bird-a.gguf (part 1 of 3), bird-b.gguf (part 2 of 3). Rename bird-a.gguf to "
                + "bird-00001-of-00003.gguf, bird-b.gguf to bird-00002-of-00003.gguf. Fetch what is missing: part 3 of 3."
        )
        try write(part(2, of: 3, tensors: ["c"]), as: "bird-c.gguf")
        let all = try #require(throws: CheckpointError.self) { try Checkpoint.open(directory.path) }
        #expect(all.description.hasSuffix("bird-c.gguf to bird-00003-of-00003.gguf."))
    }

    @Test func `a part that alone was renamed is told the name that the others lead to`() throws {
        try write(part(0, of: 3, tensors: ["a"]), as: "first.gguf")
        for index in 1...2 {
            try write(part(index, of: 3, tensors: ["\(index)"]), as: name(index + 1, of: 3))
        }
        let error = try #require(throws: CheckpointError.self) { try Checkpoint.open(directory.path) }
        #expect(
            error.description
                == "\(directory.path) holds files that look like parts of one model by their headers, and some names don't "
                + "say so: first.gguf (part 1 of 3). Rename first.gguf to \(name(1, of: 3)).")
        // A part in the middle, beside a first one that stands for the others.
        try FileManager.default.moveItem(atPath: path("first.gguf"), toPath: path(name(1, of: 3)))
        try FileManager.default.moveItem(atPath: path(name(2, of: 3)), toPath: path("first.gguf"))
        let middle = try #require(throws: CheckpointError.self) { try Checkpoint.open(directory.path) }
        #expect(
            middle.description.hasSuffix(
                "first.gguf (part 2 of 3). Rename first.gguf to \(name(2, of: 3))."), "\(middle)")
        // Another model beside them is none of their parts.
        try write(part(0, of: 2, tensors: ["x"]), as: "first.gguf")
        let other = try #require(throws: CheckpointError.self) { try Checkpoint.open(directory.path) }
        #expect(other.code == .usage, "\(other)")
    }

    @Test func `a negative count is named as it is`() throws {
        var builder = GGUFBuilder()
        builder.add("split.no", .integer(Int32(0), .int32))
        builder.add("split.count", .integer(Int32(-1), .int32))
        try write(builder, as: name(1, of: 2))
        #expect(
            try error(name(1, of: 2))
                == .malformed(
                    file: path(name(1, of: 2)), field: "split.count", reason: "-1 is no number of parts"))
    }

    @Test func `a directory that lacks the first part names it`() throws {
        for index in 1...2 {
            try write(part(index, of: 3, tensors: ["\(index)"]), as: name(index + 1, of: 3))
        }
        let error = try #require(throws: CheckpointError.self) { try Checkpoint.open(directory.path) }
        #expect(
            error.message.contains("and part 1 is missing: there is no \(path(name(1, of: 3)))"), "\(error)")
    }

    @Test func `parts of different models are refused`() throws {
        func sentence(_ second: GGUFBuilder) throws -> String {
            try write(part(0, of: 2, tensors: ["a", "b"]), as: name(1, of: 2))
            try write(second, as: name(2, of: 2))
            return try error(name(1, of: 2)).message
        }
        #expect(
            try sentence(part(1, of: 3, tensors: ["c"])).contains(
                "part 2 of 3, and part 2 of 2 belongs there"))
        #expect(
            try sentence(part(0, of: 2, tensors: ["c"])).contains(
                "part 1 of 2, and part 2 of 2 belongs there"))
        #expect(
            try sentence(part(1, of: 2, tensors: ["c"], all: 9)).contains("counts 9 tensors in all parts"))
        #expect(
            try sentence(part(1, of: 2, tensors: ["c", "d"])).contains("hold 3 tensors together, and hold 4"))
        #expect(try sentence(part(1, of: 2, tensors: ["a"])).contains("has a tensor named a, as another"))
        #expect(try sentence(GGUFBuilder()).contains("its header calls it whole"))
        var other = part(1, of: 2, tensors: ["c"])
        other.add("general.architecture", .string("owl"))
        #expect(try sentence(other).contains("of the architecture owl, and the first part of llama"))
    }

    @Test(arguments: [UInt16(2), 7]) func `a number beyond the count is refused`(_ number: UInt16) throws {
        var builder = GGUFBuilder()
        builder.add("split.no", .integer(number, .uint16))
        builder.add("split.count", .integer(UInt16(2), .uint16))
        try write(builder, as: name(1, of: 2))
        guard case .malformed(_, "split.no", _) = try error(name(1, of: 2)) else {
            Issue.record("\(try error(name(1, of: 2)))")
            return
        }
    }

    @Test(arguments: [
        ("m-00001-of-00002.gguf", true), ("a/m-x-00012-of-00012.gguf", true), ("m-1-of-2.gguf", false),
        ("m-00003-of-00002.gguf", false), ("m-00000-of-00002.gguf", false), ("m.gguf", false),
        ("m-00001-of-00002.safetensors", false), ("00001-of-00002.gguf", false),
    ]) func `a part's name has its number and the count`(_ name: String, _ isPart: Bool) {
        #expect((GGUFPartName(name) != nil) == isPart)
        if let part = GGUFPartName(name) { #expect(part.path(of: part.number) == name) }
    }
}
