import NuthatchCheckpoints
import NuthatchTensors
import Testing

@Suite struct GGUFRefusalTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func error(_ bytes: [UInt8]) throws -> CheckpointError {
        let path = try directory.write(bytes, to: "model.gguf")
        return try #require(throws: CheckpointError.self) { try GGUFFile(path: path) }
    }

    private func error(_ builder: GGUFBuilder) throws -> CheckpointError { try error(builder.build()) }

    private var path: String {
        directory.path.hasSuffix("/") ? directory.path + "model.gguf" : directory.path + "/model.gguf"
    }

    @Test func `another magic number is refused`() throws {
        var builder = GGUFBuilder()
        builder.magic = Array("GGJT".utf8)
        #expect(try error(builder) == .badMagic(file: path, found: Array("GGJT".utf8)))
        #expect(try error([]) == .badMagic(file: path, found: []))
    }

    @Test(arguments: [UInt32(0), 1, 4, 70000]) func `other versions are refused`(_ version: UInt32) throws {
        var builder = GGUFBuilder()
        builder.version = version
        #expect(try error(builder) == .unsupportedVersion(file: path, version: version))
    }

    @Test func `big-endian files are refused by name`() throws {
        var builder = GGUFBuilder()
        builder.version = UInt32(3).byteSwapped
        #expect(try error(builder) == .bigEndian(file: path))
    }

    @Test func `every truncation is refused`() throws {
        var builder = GGUFBuilder()
        builder.add("general.architecture", .string("llama"))
        builder.add("tokens", .array(of: .string, [GGUFBuilder.string("a"), GGUFBuilder.string("b")]))
        builder.add("scores", .array(of: .float32, [littleEndian(Float(1).bitPattern)]))
        builder.add("a", shape: [8], [1, 2, 3, 4, 5, 6, 7, 8])
        let whole = builder.build()
        for count in 0..<whole.count {
            switch try error(Array(whole[..<count])) {
            case .badMagic where count < 4: break
            case .truncated(path, _, let expected, count): #expect(expected > UInt64(count))
            case let error: Issue.record("\(count) bytes: \(error)")
            }
        }
    }

    @Test(arguments: [UInt64(1) << 20, 1 << 40, 1 << 61, .max])
    func `counts beyond the file are refused before they are believed`(_ count: UInt64) throws {
        var pairs = GGUFBuilder()
        pairs.claimedPairCount = count
        var tensors = GGUFBuilder()
        tensors.claimedTensorCount = count
        var strings = GGUFBuilder()
        strings.add("tokens", .array(of: .string, [], claiming: count))
        var integers = GGUFBuilder()
        integers.add("scores", .array(of: .uint64, [], claiming: count))
        var arrays = GGUFBuilder()
        arrays.add("arrays", .array(of: .array, [], claiming: count))
        var text = GGUFBuilder()
        text.add("text", .init(type: GGUFValueType.string.rawValue, bytes: littleEndian(count)))
        for builder in [pairs, tensors, strings, integers, arrays, text] {
            guard case .truncated(path, _, _, _) = try error(builder) else {
                Issue.record("\(try error(builder))")
                continue
            }
        }
    }

    @Test func `arrays nested beyond the limit are refused`() throws {
        var value = GGUFBuilder.Value.array(of: .uint8, [[1]])
        for _ in 0..<4 { value = .array(of: .array, [value.bytes]) }
        var builder = GGUFBuilder()
        builder.add("deep", value)
        #expect(try error(builder) == .limitExceeded(file: path, limit: .arrayDepth, value: 5, field: "deep"))

        // A header of array headers only, each claiming the next: as near to a cycle as the format gets.
        var endless = GGUFBuilder()
        let header = littleEndian(GGUFValueType.array.rawValue) + littleEndian(UInt64(1))
        let headers = [[UInt8]](repeating: header, count: 100_000).flatMap { $0 }
        endless.add("endless", .init(type: GGUFValueType.array.rawValue, bytes: headers))
        #expect(
            try error(endless) == .limitExceeded(file: path, limit: .arrayDepth, value: 5, field: "endless"))
    }

    @Test func `repeated keys and tensors are refused`() throws {
        var keys = GGUFBuilder()
        keys.add("a", .uint32(1))
        keys.add("a", .uint32(2))
        #expect(try error(keys) == .duplicateKey(file: path, key: "a"))

        var tensors = GGUFBuilder()
        tensors.add("t", shape: [1], [1])
        tensors.add("t", shape: [1], [2])
        #expect(try error(tensors) == .duplicateTensor(file: path, tensor: "t"))
    }

    @Test func `overlapping tensors are refused`() throws {
        var builder = GGUFBuilder()
        builder.add("first", shape: [16], [Float](repeating: 1, count: 16))
        builder.add("second", shape: [1], [], offset: 32)
        #expect(try error(builder) == .overlappingTensors(file: path, first: "first", second: "second"))
    }

    /// 16 numbers in F32, whose type says F16, or whose shape says fewer: what follows lies too far behind.
    @Test func `a gap between tensors is refused`() throws {
        for alter: (inout GGUFBuilder.Tensor) -> Void in [
            { $0.type = 1 }, { $0.dimensions = [8] }, { $0.type = 24 },
        ] {
            var builder = GGUFBuilder()
            builder.add("first", shape: [16], [Float](repeating: 1, count: 16))
            builder.add("second", shape: [1], [2])
            alter(&builder.tensors[0])
            guard case .malformed(path, "tensor second", let reason) = try error(builder) else {
                Issue.record("\(try error(builder))")
                continue
            }
            #expect(reason.hasPrefix("no tensor covers the "))
        }
    }

    @Test func `a gap before the first tensor or behind the last is refused`() throws {
        var first = GGUFBuilder()
        first.tensors = [.init(name: "a", dimensions: [1], type: 0, bytes: [], offset: 32)]
        let gap = first.build() + [UInt8](repeating: 0, count: 64)
        guard case .malformed(path, "tensor a", _) = try error(gap) else {
            Issue.record("\(try error(gap))")
            return
        }
        var last = GGUFBuilder()
        last.add("a", shape: [16], [Float](repeating: 1, count: 16))
        last.tensors[0].type = 1
        guard case .malformed(path, "the end", "no tensor covers the last 32 bytes") = try error(last) else {
            Issue.record("\(try error(last))")
            return
        }
    }

    @Test func `a tensor off the alignment is refused`() throws {
        var builder = GGUFBuilder()
        builder.add("first", shape: [16], [Float](repeating: 1, count: 16))
        builder.add("second", shape: [1], [], offset: 4)
        #expect(
            try error(builder) == .misalignedTensor(file: path, tensor: "second", offset: 4, alignment: 32))
    }

    @Test(arguments: [UInt64(1) << 32, UInt64.max - 31]) func `a tensor beyond the file is refused`(
        _ offset: UInt64
    ) throws {
        var builder = GGUFBuilder()
        builder.add("far", shape: [1], [], offset: offset)
        guard case .truncated(path, "tensor far", _, _) = try error(builder) else {
            Issue.record("\(try error(builder))")
            return
        }
    }

    @Test func `shapes whose product overflows are refused`() throws {
        for dimensions: [UInt64] in [[1 << 32, 1 << 32], [.max], [1 << 40, 1 << 40, 0], [0, .max]] {
            var builder = GGUFBuilder()
            builder.tensors = [.init(name: "t", dimensions: dimensions, type: 0, bytes: [])]
            guard case .limitExceeded(path, .elementCount, _, "tensor t") = try error(builder) else {
                Issue.record("\(dimensions): \(try error(builder))")
                continue
            }
        }
        var builder = GGUFBuilder()
        builder.tensors = [.init(name: "t", dimensions: Array(repeating: 1, count: 9), type: 0, bytes: [])]
        #expect(
            try error(builder)
                == .limitExceeded(file: path, limit: .dimensionCount, value: 9, field: "tensor t"))
    }

    @Test func `rows that end inside a block are refused`() throws {
        var builder = GGUFBuilder()
        // 64 elements are two blocks, but no row of 16 is a whole one.
        builder.tensors = [
            .init(name: "t", dimensions: [16, 4], type: 2, bytes: [UInt8](repeating: 0, count: 36))
        ]
        guard case .wrongShape(path, "t", _, [4, 16]) = try error(builder) else {
            Issue.record("\(try error(builder))")
            return
        }
    }

    @Test func `malformed values are refused by key`() throws {
        var type = GGUFBuilder()
        type.add("odd", .init(type: 13, bytes: [0]))
        #expect(
            try error(type) == .malformed(file: path, field: "odd", reason: "its value type 13 is unknown"))

        var boolean = GGUFBuilder()
        boolean.add("flag", .integer(UInt8(2), .bool))
        #expect(
            try error(boolean)
                == .malformed(file: path, field: "flag", reason: "its boolean is 2, neither 0 nor 1"))

        var key = GGUFBuilder()
        key.pairs = [([0xFF], .uint32(1))]
        #expect(try error(key) == .invalidUTF8(file: path, field: "the key of metadata pair 0"))

        var long = GGUFBuilder()
        long.add(String(repeating: "k", count: 65_536), .uint32(1))
        #expect(
            try error(long)
                == .limitExceeded(
                    file: path, limit: .keyByteCount, value: 65_536, field: "the key of metadata pair 0"))
    }

    @Test(arguments: [UInt32(0), 24, 1 << 31]) func `impossible alignments are refused`(_ alignment: UInt32)
        throws
    {
        var builder = GGUFBuilder()
        builder.add("general.alignment", .uint32(alignment))
        switch try error(builder) {
        case .malformed(path, "general.alignment", _), .limitExceeded(path, .alignment, _, _): break
        case let error: Issue.record("\(error)")
        }
    }

    @Test func `text that is not UTF-8 is refused when it is read`() throws {
        var builder = GGUFBuilder()
        let bytes = littleEndian(UInt64(2)) + [0xC3, 0x28]
        builder.add("text", .init(type: GGUFValueType.string.rawValue, bytes: bytes))
        builder.add("texts", .array(of: .string, [bytes]))
        let file = try GGUFFile(path: directory.write(builder.build(), to: "model.gguf"))
        #expect(throws: CheckpointError.invalidUTF8(file: path, field: "text")) {
            try file.metadata.string("text")
        }
        #expect(throws: CheckpointError.invalidUTF8(file: path, field: "texts")) {
            try file.metadata.strings("texts")
        }
    }
}
