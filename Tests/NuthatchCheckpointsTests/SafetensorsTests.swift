import NuthatchCheckpoints
import NuthatchTensors
import Testing

@Suite struct SafetensorsTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("{}", to: "config.json")
    }

    private func open() throws -> Checkpoint { try Checkpoint.open(directory.path) }

    private func error(header: String, dataByteCount: Int, claiming count: UInt64? = nil) throws
        -> CheckpointError
    {
        let data = [UInt8](repeating: 0, count: dataByteCount)
        try directory.write(
            SafetensorsBuilder.file(header: header, data: data, claimedHeaderByteCount: count),
            to: "model.safetensors")
        return try #require(throws: CheckpointError.self) { try open() }
    }

    private var path: String { directory.path + "/model.safetensors" }

    @Test func `tensors are listed in file order whatever the header's`() throws {
        let header = """
            {"b":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]},"__metadata__":{"format":"pt"},
             "a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}   
            """
        let data: [UInt8] =
            [0x80, 0x3F, 0x00, 0xC0] + littleEndian(Float(3).bitPattern) + littleEndian(Float(4).bitPattern)
        try directory.write(SafetensorsBuilder.file(header: header, data: data), to: "model.safetensors")
        let checkpoint = try open()
        #expect(checkpoint.tensors.map(\.name) == ["a", "b"])
        #expect(try checkpoint.floats(named: "a") == [1, -2])
        let matrix = try checkpoint.matrix(named: "b")
        #expect(matrix.outputCount == 1 && matrix.inputCount == 2 && matrix.format == .f32)
        #expect(checkpoint.tensorByteCount == 12)
    }

    @Test func `shards are read as one checkpoint`() throws {
        try directory.write(SafetensorsBuilder.file([("a", [1]), ("b", [2, 3])]), to: "one.safetensors")
        try directory.write(SafetensorsBuilder.file([("c", [4])]), to: "two.safetensors")
        try directory.write(
            #"{"weight_map": {"c": "two.safetensors", "a": "one.safetensors", "b": "one.safetensors"}}"#,
            to: "model.safetensors.index.json")
        let checkpoint = try open()
        #expect(checkpoint.tensors.map(\.name) == ["a", "b", "c"])
        #expect(try checkpoint.floats(named: "b") == [2, 3])
        #expect(try checkpoint.floats(named: "c") == [4])
    }

    @Test(arguments: ["../one.safetensors", "/etc/passwd", "..", "a/b", "a\\\\b", "", "a\\u0000b"])
    func `an index that leaves its directory is refused`(_ name: String) throws {
        try directory.write(#"{"weight_map": {"a": "\#(name)"}}"#, to: "model.safetensors.index.json")
        let error = try #require(throws: CheckpointError.self) { try open() }
        guard case .unsafePath = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func `an index that contradicts its shards is refused`() throws {
        try directory.write(SafetensorsBuilder.file([("a", [1])]), to: "one.safetensors")
        try directory.write(SafetensorsBuilder.file([("a", [1])]), to: "two.safetensors")
        try directory.write(
            #"{"weight_map": {"b": "one.safetensors"}}"#, to: "model.safetensors.index.json")
        #expect(
            throws: CheckpointError.missingTensor(file: directory.path + "/one.safetensors", tensor: "b")
        ) { try open() }
        try directory.write(
            #"{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#,
            to: "model.safetensors.index.json")
        #expect(
            throws: CheckpointError.duplicateTensor(file: directory.path + "/two.safetensors", tensor: "a")
        ) { try open() }
        try directory.write(
            #"{"weight_map": {"a": "three.safetensors"}}"#, to: "model.safetensors.index.json")
        #expect(
            throws: CheckpointError.missingShards(
                index: directory.path + "/model.safetensors.index.json", shards: ["three.safetensors"],
                count: 1)
        ) { try open() }
        try directory.write(#"{"weight_map": {"a": 1}}"#, to: "model.safetensors.index.json")
        #expect(
            throws: CheckpointError.wrongType(
                file: directory.path + "/model.safetensors.index.json", key: "weight_map.a",
                expected: "a string",
                found: "an integer")
        ) { try open() }
    }

    @Test func `headers beyond the file or the limit are refused`() throws {
        #expect(
            try error(header: "{}", dataByteCount: 0, claiming: 100_000_001)
                == .limitExceeded(
                    file: path, limit: .safetensorsHeaderByteCount, value: 100_000_001, field: "the header"))
        #expect(
            try error(header: "{}", dataByteCount: 0, claiming: 3)
                == .truncated(file: path, part: "the header", expectedByteCount: 11, actualByteCount: 10))
        try directory.write([1, 2, 3], to: "model.safetensors")
        #expect(
            throws: CheckpointError.truncated(
                file: path, part: "the header's length", expectedByteCount: 8, actualByteCount: 3)
        ) { try open() }
    }

    @Test(arguments: [("F8_E4M3", 2), ("I32", 4), ("U8", 3), ("F64", 4), ("F4", 3), ("C64", 8)])
    func `a type whose numbers take other bytes is refused though it can't be read`(
        _ type: String, _ byteCount: Int
    ) throws {
        let header = #"{"a":{"dtype":"\#(type)","shape":[4],"data_offsets":[0,\#(byteCount)]}}"#
        guard case .malformed(path, "tensor a", _) = try error(header: header, dataByteCount: byteCount)
        else {
            Issue.record("\(try error(header: header, dataByteCount: byteCount))")
            return
        }
    }

    @Test func `gaps and overlaps and rests are refused`() throws {
        let overlap =
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        #expect(
            try error(header: overlap, dataByteCount: 8)
                == .overlappingTensors(file: path, first: "a", second: "b"))
        let gap = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        #expect(
            try error(header: gap, dataByteCount: 8)
                == .malformed(
                    file: path, field: "tensor a", reason: "no tensor covers the 4 bytes before it"))
        let rest = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        #expect(
            try error(header: rest, dataByteCount: 8)
                == .malformed(file: path, field: "the end", reason: "no tensor covers the last 4 bytes"))
    }

    @Test(arguments: [
        #"[0]"#, #"[0,4,8]"#, #"[4,0]"#, #"[-4,0]"#, #"[0,8]"#, #"[0,9223372036854775807]"#, #"[0,1e300]"#,
        #"["0",4]"#, #"{}"#, #"[0,3]"#,
    ])
    func `offsets that are no range of the file are refused`(_ offsets: String) throws {
        let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":\#(offsets)}}"#
        _ = try error(header: header, dataByteCount: 4)
    }

    @Test(arguments: [
        "[4294967296,4294967296]", "[-1]", "[9223372036854775807]", "[0,4611686018427387904]", "[2]", "[1.5]",
        "[1,1,1,1,1,1,1,1,1]", "7", "null",
    ])
    func `shapes that are not those of the bytes are refused`(_ shape: String) throws {
        let header = #"{"a":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,4]}}"#
        _ = try error(header: header, dataByteCount: 4)
    }

    @Test func `dimensions beside a zero keep the limit too`() throws {
        let header = #"{"a":{"dtype":"F32","shape":[0,4611686018427387904],"data_offsets":[0,0]}}"#
        #expect(
            try error(header: header, dataByteCount: 0)
                == .limitExceeded(file: path, limit: .elementCount, value: 1 << 62, field: "tensor a"))
    }

    @Test func `a tensor named twice is refused`() throws {
        let header =
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        #expect(try error(header: header, dataByteCount: 4) == .duplicateKey(file: path, key: "a"))
    }

    @Test func `a tensor of another type is listed, and reading it names it`() throws {
        let header = #"{"a":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]}}"#
        try directory.write(
            SafetensorsBuilder.file(header: header, data: [1, 2, 3, 4]), to: "model.safetensors")
        let checkpoint = try open()
        #expect(checkpoint.tensors.map(\.format) == [.unsupported("F8_E4M3")])
        #expect(throws: CheckpointError.unsupportedFormat(file: path, tensor: "a", format: "F8_E4M3")) {
            try checkpoint.matrix(named: "a")
        }
    }

    @Test func `a tensor without elements is one`() throws {
        let header =
            #"{"a":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#
        try directory.write(
            SafetensorsBuilder.file(header: header, data: littleEndian(Float(5).bitPattern)),
            to: "model.safetensors")
        let checkpoint = try open()
        #expect(try checkpoint.floats(named: "a") == [])
        #expect(try checkpoint.matrix(named: "a").bytes.isEmpty)
        #expect(try checkpoint.floats(named: "b") == [5])
    }
}
