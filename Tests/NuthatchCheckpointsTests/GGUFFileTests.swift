import NuthatchCheckpoints
import NuthatchTensors
import Testing

@Suite struct GGUFFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ builder: GGUFBuilder) throws -> GGUFFile {
        try GGUFFile(path: directory.write(builder.build(), to: "model.gguf"))
    }

    @Test(arguments: [UInt32(2), 3]) func `both versions are read`(_ version: UInt32) throws {
        var builder = GGUFBuilder()
        builder.version = version
        builder.add("general.architecture", .string("llama"))
        builder.add("llama.block_count", .uint32(2))
        builder.add("first", shape: [2, 3], [1, 2, 3, 4, 5, 6])
        builder.add("second", shape: [2], [7, 8])
        let checkpoint = Checkpoint.gguf(try open(builder))
        #expect(checkpoint.tensors.map(\.name) == ["first", "second"])
        #expect(checkpoint.tensor(named: "first")?.shape == [2, 3])
        #expect(try checkpoint.floats(named: "first") == [1, 2, 3, 4, 5, 6])
        #expect(try checkpoint.floats(named: "second") == [7, 8])
        #expect(checkpoint.tensorByteCount == 32)
    }

    @Test func `keys are asked for whole or within the architecture`() throws {
        var builder = GGUFBuilder()
        builder.add("general.architecture", .string("llama"))
        builder.add("llama.block_count", .uint32(2))
        let metadata = try open(builder).metadata
        #expect(metadata.keys == ["general.architecture", "llama.block_count"])
        #expect(try metadata.integer("llama.block_count") == 2)
        let scope = try metadata.architectureScope()
        #expect(try scope.integer("block_count") == 2)
        #expect(scope.contains("block_count") && !metadata.contains("block_count"))
    }

    @Test func `every value type is read`() throws {
        var builder = GGUFBuilder()
        builder.add("u8", .integer(UInt8.max, .uint8))
        builder.add("i8", .integer(Int8.min, .int8))
        builder.add("u16", .integer(UInt16.max, .uint16))
        builder.add("i16", .integer(Int16.min, .int16))
        builder.add("u32", .integer(UInt32.max, .uint32))
        builder.add("i32", .integer(Int32.min, .int32))
        builder.add("u64", .integer(UInt64.max, .uint64))
        builder.add("i64", .integer(Int64.min, .int64))
        builder.add("f32", .integer(Float(1.5).bitPattern, .float32))
        builder.add("f64", .integer(0.1.bitPattern, .float64))
        builder.add("bool", .integer(UInt8(1), .bool))
        builder.add("string", .string("中华"))
        builder.add("array", .array(of: .string, [GGUFBuilder.string("a"), GGUFBuilder.string("")]))
        let metadata = try open(builder).metadata
        #expect(try metadata.value("u8") == .uint8(.max))
        #expect(try metadata.value("i8") == .int8(.min))
        #expect(try metadata.value("u16") == .uint16(.max))
        #expect(try metadata.value("i16") == .int16(.min))
        #expect(try metadata.value("u32") == .uint32(.max))
        #expect(try metadata.value("i32") == .int32(.min))
        #expect(try metadata.value("u64") == .uint64(.max))
        #expect(try metadata.value("i64") == .int64(.min))
        #expect(try metadata.value("f32") == .float32(1.5))
        #expect(try metadata.value("f64") == .float64(0.1))
        #expect(try metadata.value("bool") == .bool(true))
        #expect(try metadata.value("string") == .string("中华"))
        #expect(try metadata.strings("array") == ["a", ""])
        #expect(try metadata.value("missing") == nil)
        #expect(metadata.type(of: "f64") == .float64)
    }

    @Test func `nested arrays are read`() throws {
        var builder = GGUFBuilder()
        let inner = [[1, 2], [], [3]].map { (values: [UInt8]) in
            GGUFBuilder.Value.array(of: .uint8, values.map { [$0] }).bytes
        }
        builder.add("nested", .array(of: .array, inner))
        builder.add("after", .uint32(9))
        let metadata = try open(builder).metadata
        let outer = try #require(try metadata.value("nested")?.array)
        #expect(outer.elementType == .array && outer.count == 3)
        let elements = try metadata.elements(of: outer).compactMap(\.array)
        #expect(
            try elements.map { try metadata.elements(of: $0).compactMap(\.integer) } == [[1, 2], [], [3]])
        #expect(try metadata.integer("after") == 9)
    }

    @Test func `a value of another type is an error that names the key`() throws {
        var builder = GGUFBuilder()
        builder.add("llama.name", .string("x"))
        builder.add("llama.many", .array(of: .string, [GGUFBuilder.string("a")]))
        builder.add("llama.huge", .integer(UInt64.max, .uint64))
        let file = try open(builder)
        let scope = file.metadata.scoped(to: "llama")
        #expect(
            throws: CheckpointError.wrongType(
                file: file.path, key: "llama.name", expected: "an integer", found: "a string")
        ) {
            try scope.optionalInteger("name")
        }
        #expect(
            throws: CheckpointError.missingKey(file: file.path, key: "llama.depth", expected: "an integer")
        ) {
            try scope.integer("depth")
        }
        #expect(
            throws: CheckpointError.wrongType(
                file: file.path, key: "llama.many", expected: "an array of integers",
                found: "an array with a string at 0")
        ) {
            try scope.integers("many")
        }
        #expect(throws: CheckpointError.self) { try scope.integer("huge") }
    }

    @Test(arguments: [1, 8, 64, 4096]) func `tensors lie at the file's alignment`(_ alignment: Int) throws {
        var builder = GGUFBuilder()
        builder.alignment = alignment
        builder.add("general.alignment", .uint32(UInt32(alignment)))
        builder.add("a", shape: [1], [1])
        builder.add("b", shape: [3], [2, 3, 4])
        let checkpoint = Checkpoint.gguf(try open(builder))
        #expect(try checkpoint.floats(named: "a") == [1])
        #expect(try checkpoint.floats(named: "b") == [2, 3, 4])
    }

    @Test func `a vocabulary without tensors is a file`() throws {
        var builder = GGUFBuilder()
        builder.add("tokenizer.ggml.model", .string("gpt2"))
        #expect(Checkpoint.gguf(try open(builder)).tensors.isEmpty)
    }

    @Test func `a tensor of an unknown type is listed, and reading it names it`() throws {
        var builder = GGUFBuilder()
        builder.tensors = [
            .init(name: "new", dimensions: [32], type: 39, bytes: [UInt8](repeating: 1, count: 17)),
            .init(name: "newer", dimensions: [32], type: 999, bytes: [UInt8](repeating: 1, count: 17)),
        ]
        builder.add("old", shape: [2], [1, 2])
        let file = try open(builder)
        let checkpoint = Checkpoint.gguf(file)
        #expect(checkpoint.tensors.map(\.format.name) == ["MXFP4", "ggml type 999", "F32"])
        #expect(try checkpoint.floats(named: "old") == [1, 2])
        #expect(throws: CheckpointError.unsupportedFormat(file: file.path, tensor: "new", format: "MXFP4")) {
            try checkpoint.floats(named: "new")
        }
    }
}
