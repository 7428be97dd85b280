import Foundation
import NuthatchCheckpoints
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// `info` says what can be said, of files that load and of those that don't.
@Suite struct InfoTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func unknownFile() throws -> String {
        var fields = GGUFFields()
        fields.set("general.architecture", "owl")
        fields.set("owl.block_count", UInt32(3))
        fields.set("owl.names", (0..<20).map { "n\($0)" })
        fields.set("owl.motto", "red\u{1B}[31m" + String(repeating: "x", count: 200))
        let layout = try GGUFLayout(
            fields,
            tensors: [
                .init(name: "wing.weight", format: .q8_0, shape: [2, 32]),
                .init(name: "beak", format: .f32, shape: [4]),
            ], file: "test")
        return try directory.write(
            layout.header + [UInt8](repeating: 0, count: layout.byteCount - layout.header.count),
            as: "owl.gguf")
    }

    @Test func anUnknownFamilyIsShownAndExplained() throws {
        let path = try unknownFile()
        let result = try NuthatchProcess.run(["info", path])
        #expect(result.exitCode == 0)
        #expect(result.errors.isEmpty)
        for line in [
            "format        GGUF, version 3", "architecture  owl",
            "not loadable  \(path): the architecture owl is not one of llama, ",
            "supported     Llama, Mistral, ", "\nowl.block_count       3\n",
            "[\"n0\", \"n1\", \"n2\", \"n3\", \"n4\", \"n5\", \"n6\", \"n7\", ... 20 in all]",
            "  Q8_0        1 tensor, 68 B",
        ] { #expect(result.output.contains(line), "\(line)\n\(result.output)") }
        #expect(!result.output.contains("\u{1B}"))
        #expect(!result.output.contains(String(repeating: "x", count: 100)))
        let tensors = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(tensors.contains(["wing.weight", "Q8_0", "2", "x", "32", "68"]))
        #expect(tensors.contains(["beak", "F32", "4", "16"]))
    }

    @Test func aSplitModelIsShownWhole() throws {
        for (number, name) in ["owl-00001-of-00002.gguf", "owl-00002-of-00002.gguf"].enumerated() {
            var fields = GGUFFields()
            if number == 0 { fields.set("general.architecture", "owl") }
            fields.set("split.no", UInt32(number))
            fields.set("split.count", UInt32(2))
            let layout = try GGUFLayout(
                fields, tensors: [.init(name: "wing.\(number)", format: .f32, shape: [8])], file: "test")
            try directory.write(layout.header + [UInt8](repeating: 0, count: 32), as: name)
        }
        for given in ["owl-00001-of-00002.gguf", "owl-00002-of-00002.gguf"] {
            let result = try NuthatchProcess.run(["info", "\(directory.path)/\(given)"])
            #expect(result.exitCode == 0)
            for line in [
                "file          \(directory.path)/owl-00001-of-00002.gguf\n",
                "  weights     owl-00001-of-00002.gguf\n  weights     owl-00002-of-00002.gguf\n",
                "format        GGUF, version 3, 2 files\n", "parameters    16 in 64 B\n", "wing.0 ",
                "wing.1 ",
            ] { #expect(result.output.contains(line), "\(line)\n\(result.output)") }
        }
    }

    @Test func whatIsReadOtherwiseOrLeftOutIsShown() throws {
        var tiny = TinyLlama()
        tiny.tensors.append(("model.layers.0.self_attn.rotary_emb.inv_freq", [4]))
        let directory = try tiny.write { $0["tie_word_embeddings"] = true }
        let result = try NuthatchProcess.run(["info", directory.path])
        for line in [
            "vocabulary    16\n",
            "read          The header ties the output matrix to the embedding, and lm_head.weight differs from ",
            "left out      model.layers.0.self_attn.rotary_emb.inv_freq: rotary frequencies, which are computed at loading\n",
        ] { #expect(result.output.contains(line), "\(line)\n\(result.output)") }
        let json = try NuthatchProcess.run(["info", "--json", directory.path])
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect((report["left_out"] as? [String])?.count == 1)
        #expect((report["weight_files"] as? [String])?.count == 1)
        #expect((report["remark"] as? String)?.hasPrefix("The header ties") == true)
    }

    @Test func whatLoadingRefusesIsSaidAndNotPlanned() throws {
        let model = try ChatModel.write()
        #expect(try !NuthatchProcess.run(["info", model.path]).output.contains("not loadable"))
        let weights = model.path + "/model.safetensors"
        var bytes = try Data(contentsOf: URL(filePath: weights))
        // As wide as before, and nothing that is read.
        let name = Data(#""dtype":"F32""#.utf8)
        let place = try #require(bytes.range(of: name))
        bytes.replaceSubrange(place, with: Data(#""dtype":"I32""#.utf8))
        try model.write(Array(bytes), as: "model.safetensors")
        let format = "is stored as I32, which Nuthatch cannot read."
        #expect(try NuthatchProcess.run(["info", model.path]).output.contains(format))
        for arguments in [["plan", model.path], ["pull", model.path]] {
            let refused = try NuthatchProcess.run(arguments)
            #expect(refused.exitCode == 65 && refused.errors.contains(format), "\(refused.errors)")
        }

        let other = try ChatModel.write()
        try other.write(
            Array(#"{"model": {"type": "BPE", "vocab": [], "merges": []}}"#.utf8), as: "tokenizer.json")
        let sentence = "model.vocab is not an object."
        let info = try NuthatchProcess.run(["info", other.path]).output
        #expect(
            info.contains("not loadable") && info.contains(sentence) && info.contains("family        Llama"))
        #expect(try NuthatchProcess.run(["plan", other.path]).errors.contains(sentence))
    }

    @Test func anUnknownFamilyIsOneObjectToo() throws {
        let result = try NuthatchProcess.run(["info", try unknownFile(), "--json"])
        #expect(result.exitCode == 0)
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(report["stated_architecture"] as? String == "owl")
        #expect((report["not_loadable"] as? String)?.contains("owl") == true)
        #expect((report["supported_families"] as? [String])?.contains("Llama") == true)
        #expect(report["architecture"] == nil)
        #expect(report["parameters"] as? Int == 68)
    }

    @Test func aDirectoryOfAnUnknownFamilyIsShown() throws {
        var tiny = TinyLlama()
        tiny.architecture = "OwlForCausalLM"
        let owl = try tiny.write { $0["rope_scaling"] = ["type": "feathers"] }
        let result = try NuthatchProcess.run(["info", owl.path])
        #expect(result.exitCode == 0)
        #expect(result.output.contains("architecture  OwlForCausalLM"))
        #expect(result.output.contains("\nnum_hidden_layers "))
        #expect(result.output.contains("(1 field)"))
    }

    @Test func aKnownFamilyWithAnUnknownRopeIsExplained() throws {
        let tiny = try TinyLlama().write { $0["rope_scaling"] = ["rope_type": "feathers"] }
        let result = try NuthatchProcess.run(["info", tiny.path])
        #expect(result.exitCode == 0)
        #expect(
            result.output.contains(
                "rope_type is feathers, which is not one of default, linear, dynamic, yarn, llama3, longrope."
            ))
    }

    @Test func theHeaderAndTheTensorsOfAKnownOneAreListedWhenAsked() throws {
        let tiny = try ChatModel.write()
        let brief = try NuthatchProcess.run(["info", tiny.path]).output
        #expect(!brief.contains("rms_norm_eps"))
        let long = try NuthatchProcess.run(["info", tiny.path, "--metadata", "--tensors"]).output
        #expect(long.hasPrefix(brief))
        #expect(long.contains("\nrms_norm_eps"))
        #expect(long.contains("\nmodel.layers.0.mlp.up_proj.weight"))
    }
}
