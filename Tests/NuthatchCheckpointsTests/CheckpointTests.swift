import Foundation
import NuthatchCheckpoints
import NuthatchTensors
import Testing

@Suite struct CheckpointTests {
    private struct Expectation: Decodable {
        let format: String
        let shape: [Int]
        let values: String
    }

    private static func readExpectations(_ part: String) throws -> [String: Expectation] {
        let data = Data(try Golden.bytes("expected.json"))
        let all = try JSONDecoder().decode([String: [String: Expectation]].self, from: data)
        return try #require(all[part])
    }

    /// The bytes of float32 values in hexadecimal, as the goldens have them.
    private static func hexadecimal(_ values: [Float]) -> String {
        values.flatMap { littleEndian($0.bitPattern) }.map { String(format: "%02x", $0) }.joined()
    }

    private static func compare(_ checkpoint: Checkpoint, with part: String) throws {
        let expectations = try readExpectations(part)
        #expect(Set(checkpoint.tensors.map(\.name)) == Set(expectations.keys))
        for tensor in checkpoint.tensors {
            let expected = try #require(expectations[tensor.name])
            #expect(tensor.format.name == expected.format)
            #expect(tensor.shape == expected.shape)
            guard case .readable = tensor.format else { continue }
            #expect(Self.hexadecimal(try checkpoint.floats(named: tensor.name)) == expected.values)
        }
    }

    @Test func `a file of the reference GGUF writer reads as it was written`() throws {
        let checkpoint = try Checkpoint.open(Golden.path("tiny.gguf"))
        try Self.compare(checkpoint, with: "gguf")
        guard case .gguf(let file) = checkpoint else { return }
        let test = file.metadata.scoped(to: "test")
        #expect(try file.metadata.architecture() == "llama")
        #expect(try file.metadata.architectureScope().integer("block_count") == 2)
        #expect(try test.integer("int64") == .min)
        #expect(try test.value("uint64") == .uint64(.max))
        #expect(try test.number("float32") == Double(Float(0.1)))
        #expect(try test.number("float64") == 0.1)
        #expect(try test.bool("bool"))
        #expect(try test.string("string") == "中华人民 -> 共和国")
        #expect(
            try test.strings("strings").map { Array($0.utf8) }
                == ["a", "", "é", "e\u{301}", "共和国"].map { Array($0.utf8) })
        #expect(try test.integers("integers") == [1, -2, 3])
        #expect(try test.numbers("floats") == [0.5, -1.5])
        #expect(try test.bools("bools") == [true, false])
    }

    @Test func `a directory of the reference safetensors writer reads as it was written`() throws {
        let checkpoint = try Checkpoint.open(Golden.path("tiny-directory"))
        try Self.compare(checkpoint, with: "directory")
        guard case .directory(let directory) = checkpoint else { return }
        #expect(try directory.config.number("rope_theta") == 10_000)
        #expect(try directory.config.integers("eos_token_id") == [1, 2])
        #expect(try directory.config.optionalObject("rope_scaling") == nil)
        #expect(try directory.config.number("pad_token_id") == 1e30)
    }

    @Test func `paths that are no model are refused by kind`() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.path + "/missing.gguf"
        #expect(throws: CheckpointError.notFound(path: missing)) { try Checkpoint.open(missing) }
        let weights = try directory.write(SafetensorsBuilder.file([("a", [1])]), to: "weights.safetensors")
        #expect(
            throws: CheckpointError.notAModel(
                path: weights, found: "a safetensors file, which holds weights alone")
        ) { try Checkpoint.open(weights) }
        #expect(throws: CheckpointError.notAModel(path: "/dev/null", found: "neither a file nor a directory"))
        {
            try Checkpoint.open("/dev/null")
        }
    }

    @Test func `a matrix has two dimensions`() throws {
        let checkpoint = try Checkpoint.open(Golden.path("tiny.gguf"))
        let matrix = try checkpoint.matrix(named: "token_embd.weight")
        #expect(matrix.format == .q4_1 && matrix.outputCount == 6 && matrix.inputCount == 64)
        #expect(
            throws: CheckpointError.wrongShape(
                file: checkpoint.path, tensor: "blk.0.attn_norm.weight", expected: "two or three dimensions",
                found: [32])
        ) { try checkpoint.matrix(named: "blk.0.attn_norm.weight") }
        #expect(throws: CheckpointError.missingTensor(file: checkpoint.path, tensor: "blk.9")) {
            try checkpoint.matrix(named: "blk.9")
        }
    }

    @Test func `chat templates of a GGUF file have their names`() throws {
        let directory = try TemporaryDirectory()
        var builder = GGUFBuilder()
        builder.add("tokenizer.chat_template", .string("A"))
        builder.add("tokenizer.chat_template.tool_use", .string("B"))
        let checkpoint = try Checkpoint.open(directory.write(builder.build(), to: "model.gguf"))
        #expect(try checkpoint.chatTemplates() == ["default": "A", "tool_use": "B"])
        #expect(try Checkpoint.open(Golden.path("tiny.gguf")).chatTemplates() == [:])
    }

    @Test func `a released tensor can be read again`() throws {
        let checkpoint = try Checkpoint.open(Golden.path("tiny.gguf"))
        let before = try checkpoint.floats(named: "token_embd.weight")
        checkpoint.release(tensorNamed: "token_embd.weight")
        checkpoint.release(tensorNamed: "no such tensor")
        #expect(try checkpoint.floats(named: "token_embd.weight") == before)
    }

    @Test func `weights and headers change the identity and nothing else does`() throws {
        let directory = try TemporaryDirectory()
        var builder = GGUFBuilder()
        builder.add("general.name", .string("one"))
        builder.add("a", shape: [2], [1, 2])
        func identity(_ name: String) throws -> Checkpoint.Identity {
            try Checkpoint.open(directory.write(builder.build(), to: name)).identity
        }
        let first = try identity("first.gguf")
        #expect(try identity("copy.gguf") == first)
        builder.tensors[0].bytes[5] ^= 1
        let otherWeights = try identity("weights.gguf")
        #expect(otherWeights != first && otherWeights.byteCount == first.byteCount)
        builder.tensors[0].bytes[5] ^= 1
        builder.pairs[0].value = .string("two")
        let otherHeader = try identity("header.gguf")
        #expect(otherHeader != first && otherHeader.byteCount == first.byteCount)
    }
}
