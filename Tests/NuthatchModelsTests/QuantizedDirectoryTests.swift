import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTestSupport
import Testing

/// Weights that are codes of another program are refused by the method's name, before anything else is looked at.
@Suite struct QuantizedDirectoryTests {
    private func error(_ tiny: TinyLlama = TinyLlama(), _ change: (inout [String: Any]) -> Void) throws
        -> ModelError
    {
        let directory = try tiny.write(change)
        let checkpoint = try Checkpoint.open(directory.path)
        return try #require(throws: ModelError.self) { try ModelHeader(checkpoint) }
    }

    static let methods: [(stated: String, sentence: String)] = [
        (#"{"quant_method": "awq", "bits": 4}"#, "awq with 4 bits"),
        (#"{"quant_method": "gptq", "bits": 8, "group_size": 128}"#, "gptq with 8 bits"),
        (#"{"quant_method": "bitsandbytes", "load_in_4bit": true}"#, "bitsandbytes with 4 bits"),
        (#"{"load_in_8bit": true}"#, "bitsandbytes with 8 bits"),
        (#"{"quant_method": "fp8", "weight_block_size": [128, 128]}"#, "fp8"),
        (#"{"quant_method": "compressed-tensors", "format": "pack-quantized"}"#, "compressed-tensors"),
        (#"{"quant_method": "hqq", "quant_config": {}}"#, "hqq"),
        (#"{"quant_method": "torchao"}"#, "torchao"), (#"{"quant_method": "quark"}"#, "quark"),
        (#"{"quant_method": "mxfp4"}"#, "mxfp4"), (#"{"quant_algo": "NVFP4"}"#, "NVFP4"),
        (#"{"group_size": 64, "bits": 4}"#, "a method that has no name there with 4 bits"),
        (#"{"quant_method": "", "bits": 4}"#, "a method that has no name there with 4 bits"),
        (#"{"some": 1}"#, "a method that has no name there"),
    ]

    @Test("The configuration names the method", arguments: methods)
    func methodsAreNamed(stated: String, sentence: String) throws {
        let value = try JSONSerialization.jsonObject(with: Data(stated.utf8))
        let error = try error { $0["quantization_config"] = value }
        #expect(
            error.message.hasSuffix(
                "config.json: quantization_config is \(sentence), which Nuthatch does not read."),
            "\(error.message)")
        #expect(error.remedy?.hasPrefix("Take the model's 16-bit weights, or a GGUF file of it.") == true)
    }

    @Test("MLX's field, and a part's own, are looked at, also in families that aren't read")
    func otherPlaces() throws {
        #expect(
            try error { $0["quantization"] = ["group_size": 32, "bits": 4] }.message.contains(
                ": quantization is MLX with 4 bits,"))
        #expect(
            try error { $0["text_config"] = ["quantization_config": ["quant_method": "awq"]] }.message
                .contains(
                    ": text_config.quantization_config is awq,"))
        #expect(
            try error {
                $0["architectures"] = ["GptOssForCausalLM"]
                $0["quantization_config"] = ["quant_method": "mxfp4"]
            }.message.contains("quantization_config is mxfp4,"))
    }

    @Test("An empty field says nothing")
    func emptyFields() throws {
        for value in [NSNull(), [String: Any]()] as [Any] {
            let directory = try TinyLlama().write { $0["quantization_config"] = value }
            #expect(throws: Never.self) { try ModelHeader(try Checkpoint.open(directory.path)) }
        }
    }

    @Test(
        "Where it names none, the tensors do",
        arguments: [
            ("qweight", "GPTQ or AWQ"), ("weight_packed", "compressed-tensors"),
            ("weight.absmax", "bitsandbytes"),
            ("weight_scale_inv", "FP8"), ("W_q", "HQQ"), ("biases", "MLX"), ("scales", "MLX"),
            ("codebooks", "AQLM"), ("weight_scales", "EETQ"), ("weight_blocks", "MXFP4"),
            ("weight._data", "Quanto"), ("weight_scale_2", "NVFP4"),
            ("weight_scale", "FP8 or compressed-tensors"),
        ])
    func tensorsNameTheMethod(ending: String, method: String) throws {
        var tiny = TinyLlama()
        let name = "model.layers.0.mlp.up_proj.\(ending)"
        tiny.tensors.append((name, [4]))
        let error = try error(tiny) { _ in }
        #expect(
            error.message.hasSuffix(
                ": tensor \(name) is part of codes of \(method), which Nuthatch does not read."))
        #expect(error.remedy == "Take the model's 16-bit weights, or a GGUF file of it.")
    }

    @Test("A field that names no method has the one that the tensors name")
    func fieldsWithoutMethod() throws {
        for (ending, method) in [("qweight", "GPTQ or AWQ"), ("biases", "MLX")] {
            var tiny = TinyLlama()
            tiny.tensors.append(("model.layers.0.mlp.up_proj.\(ending)", [4]))
            let error = try error(tiny) { $0["quantization_config"] = ["group_size": 128, "bits": 4] }
            #expect(error.message.contains(": quantization_config is \(method) with 4 bits,"))
        }
    }
}
