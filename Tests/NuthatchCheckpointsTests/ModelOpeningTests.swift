import Foundation
import NuthatchCheckpoints
import NuthatchTensors
import Testing

/// A model is what its first bytes say, whatever its file is called; what is none is named.
@Suite struct ModelOpeningTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> String { directory.path + "/" + name }

    private func model(_ tensor: String = "a", architecture: String = "llama") -> [UInt8] {
        var builder = GGUFBuilder()
        builder.add("general.architecture", .string(architecture))
        builder.add(tensor, shape: [2], [1, 2])
        return builder.build()
    }

    private func error(_ name: String = "") throws -> CheckpointError {
        try #require(throws: CheckpointError.self) {
            try Checkpoint.open(name.isEmpty ? directory.path : path(name))
        }
    }

    private func writeDirectory() throws {
        try directory.write("{\"hidden_size\": 64}", to: "config.json")
        try directory.write(SafetensorsBuilder.file([("a", [1, 2])]), to: "model.safetensors")
    }

    @Test(arguments: [
        "sha256-6a0746a1ec1aef3e7ec53868f220ff6e389f6f8ef87a01d77c96807de94ca2aa", "model.bin", "model",
    ])
    func `a GGUF file needs no ending`(_ name: String) throws {
        try directory.write(model(), to: name)
        #expect(try Checkpoint.open(path(name)).tensors.map(\.name) == ["a"])
    }

    @Test func `a directory that holds one GGUF model is that model`() throws {
        try directory.write(model(), to: "blob")
        try directory.write("# Bird", to: "README.md")
        // A projector lies beside the model it belongs to.
        try directory.write(model("v", architecture: "clip"), to: "mmproj.gguf")
        #expect(try Checkpoint.open(directory.path).path == path("blob"))
        try directory.write("{}", to: "config.json")
        #expect(try Checkpoint.open(directory.path).path == path("blob"))
        try directory.write(model("b"), to: "second.gguf")
        #expect(
            try error().description
                == "\(directory.path) holds 2 models: blob, second.gguf. Give the path of one of them.")
    }

    @Test func `a model's directory in the hub's cache is its only revision`() throws {
        try FileManager.default.createDirectory(
            atPath: path("snapshots/abc"), withIntermediateDirectories: true)
        try directory.write("abc", to: "refs")
        try directory.write(model(), to: "snapshots/abc/bird.gguf")
        #expect(try Checkpoint.open(directory.path).path == path("snapshots/abc/bird.gguf"))
        try FileManager.default.createDirectory(
            atPath: path("snapshots/def"), withIntermediateDirectories: true)
        #expect(
            try error()
                == .severalModels(directory: directory.path, files: ["snapshots/abc", "snapshots/def"]))
    }

    @Test(arguments: ["config.json", "model.safetensors"]) func `a directory's file stands for the directory`(
        _ name: String
    ) throws {
        try writeDirectory()
        #expect(try Checkpoint.open(path(name)).path == directory.path)
    }

    @Test func `weights that a directory doesn't read don't stand for it`() throws {
        try writeDirectory()
        try directory.write(SafetensorsBuilder.file([("b", [1])]), to: "consolidated.safetensors")
        guard case .notAModel(path("consolidated.safetensors"), _) = try error("consolidated.safetensors")
        else {
            Issue.record("\(try error("consolidated.safetensors"))")
            return
        }
    }

    /// The beginnings of files that are no models, with names that users give.
    static let foreign: [(name: String, bytes: [UInt8], content: ForeignContent)] = [
        ("model.gguf", [], .empty),
        (
            "m.gguf", Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n".utf8),
            .pointer
        ),
        ("m.gguf", Array("<!DOCTYPE html>\n<html>".utf8), .webPage),
        ("m.gguf", Array("\n <HTML lang=en>".utf8), .webPage),
        ("m.tar.gz", [0x1F, 0x8B, 8, 0], .archive),
        ("m.zst", [0x28, 0xB5, 0x2F, 0xFD], .archive),
        (
            "m.zip",
            Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 26) + Array("bird/config.json".utf8),
            .archive
        ),
        (
            "pytorch_model.bin",
            Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 26) + Array("archive/data.pkl".utf8),
            .torch
        ),
        ("old.pt", [0x80, 2, 0x8A], .torch),
        ("model.onnx", [0x08, 8, 0x12, 7] + Array("pytorch".utf8), .onnx),
        ("saved_model.pb", [0x08, 1, 0x12, 9], .tensorFlow),
        ("tf_model.h5", [0x89] + Array("HDF\r\n\u{1A}\n".utf8), .hdf5),
        ("flax_model.msgpack", [0x84, 0xA1, 0x78], .flax),
        (
            "weights.npz",
            Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 26) + Array("layers.0.weight.npy".utf8),
            .numPy
        ),
        ("m.tflite", [0x1C, 0, 0, 0] + Array("TFL3".utf8), .tensorFlowLite),
        ("ggml-model.bin", Array("tjgg".utf8) + [3, 0, 0, 0], .oldGGML),
        ("m.llamafile", Array("MZqFpD".utf8), .program),
        ("tokenizer.json", Array("{\"version\": \"1.0\"}".utf8), .tokenizer),
        ("tokenizer.model", [0x0A, 0x0E, 0x0A, 5] + Array("<unk>".utf8), .tokenizer),
        ("generation_config.json", Array("{}".utf8), .json),
        ("adapter_config.json", Array("{}".utf8), .adapter),
        ("Modelfile", Array("FROM ./bird.gguf\n".utf8), .modelfile),
        ("notes", Array("A bird.".utf8), .text),
    ]

    @Test(arguments: foreign) func `a file that is something else is named`(
        _ name: String, _ bytes: [UInt8], _ content: ForeignContent
    ) throws {
        try directory.write(bytes, to: name)
        #expect(try error(name) == .foreign(path: path(name), content: content))
    }

    @Test func `bytes that are no text are not called one`() throws {
        try directory.write([UInt8](repeating: 0xFF, count: 600), to: "m.bin")
        guard case .badMagic = try error("m.bin") else {
            Issue.record("\(try error("m.bin"))")
            return
        }
        // A text whose first bytes end within a character is one.
        try directory.write(Array(("x" + String(repeating: "é", count: 400)).utf8), to: "notes")
        #expect(try error("notes") == .foreign(path: path("notes"), content: .text))
    }

    @Test func `every foreign content has a sentence and a remedy`() {
        for content in ForeignContent.allCases {
            let error = CheckpointError.foreign(path: "m", content: content)
            #expect(error.message.hasPrefix("m is ") && error.message.hasSuffix("."))
            #expect(error.remedy?.hasSuffix(".") == true)
        }
    }

    @Test func `an adapter's weights are named`() throws {
        try directory.write(SafetensorsBuilder.file([("a", [1])]), to: "adapter_model.safetensors")
        #expect(try error("adapter_model.safetensors").message.contains("an adapter (LoRA)"))
        try directory.write("{}", to: "adapter_config.json")
        #expect(try error() == .foreign(path: directory.path, content: .adapter))
        try writeDirectory()
        #expect(try error() == .foreign(path: directory.path, content: .adapted))
    }

    @Test(arguments: [
        ("model_index.json", ForeignContent.diffusers), ("modules.json", .sentenceTransformers),
    ]) func `directories of other programs are named`(_ name: String, _ content: ForeignContent) throws {
        try writeDirectory()
        try directory.write("{}", to: name)
        #expect(try error() == .foreign(path: directory.path, content: content))
    }

    @Test func `a directory whose weights have another format names them`() throws {
        try directory.write("{}", to: "config.json")
        try directory.write([0x80, 2, 0x8A], to: "pytorch_model.bin")
        #expect(
            try error()
                == .foreignWeights(directory: directory.path, file: "pytorch_model.bin", content: .torch))
    }

    @Test func `a pointer or a page in a file's place is named there`() throws {
        try writeDirectory()
        let pointer = "version https://git-lfs.github.com/spec/v1\n"
        try directory.write(pointer, to: "model.safetensors")
        #expect(try error() == .foreign(path: path("model.safetensors"), content: .pointer))
        try writeDirectory()
        try directory.write("<html>", to: "config.json")
        #expect(try error() == .foreign(path: path("config.json"), content: .webPage))
        try writeDirectory()
        try directory.write(pointer, to: "tokenizer.json")
        guard case .directory(let opened) = try Checkpoint.open(directory.path) else { return }
        #expect(throws: CheckpointError.foreign(path: path("tokenizer.json"), content: .pointer)) {
            try opened.tokenizer()
        }
    }

    @Test(arguments: [
        ("adapter", "llama", ForeignContent.adapter), ("mmproj", "clip", .projector),
        ("model", "clip", .projector),
        ("imatrix", "imatrix", .importanceMatrix),
    ]) func `a GGUF file that is no model by itself is known by its header`(
        _ type: String, _ architecture: String, _ content: ForeignContent
    ) throws {
        var builder = GGUFBuilder()
        builder.add("general.type", .string(type))
        builder.add("general.architecture", .string(architecture))
        let file = try GGUFFile(path: directory.write(builder.build(), to: "m.gguf"))
        #expect(file.metadata.foreignContent == content)
    }

    @Test func `a missing shard is named beside the index`() throws {
        try directory.write("{}", to: "config.json")
        try directory.write(SafetensorsBuilder.file([("a", [1])]), to: "one.safetensors")
        try directory.write(
            #"{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#,
            to: "model.safetensors.index.json")
        #expect(
            try error().description
                == "\(path("model.safetensors.index.json")) names 2 files of weights, and 1 is not beside it: "
                + "two.safetensors. Fetch them too, or pull the model again.")
    }
}
