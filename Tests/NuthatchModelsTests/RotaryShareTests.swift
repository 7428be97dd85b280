import NuthatchCheckpoints
import NuthatchModels
import NuthatchTestSupport
import Testing

/// The share of a head that a header says turns: read by few families, as in transformers 5.
@Suite struct RotaryShareTests {
    private func description(
        _ architecture: String = "LlamaForCausalLM", _ fields: [String: Any]
    ) throws -> ModelDescription {
        var tiny = TinyLlama()
        tiny.architecture = architecture
        let directory = try tiny.write { $0.merge(fields) { _, new in new } }
        return try ModelDescription(try Checkpoint.open(directory.path))
    }

    private static var spellings: [[String: Any]] {
        [
            ["partial_rotary_factor": 0.5],
            ["rope_parameters": ["rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 0.5]],
            ["rope_scaling": ["type": "default"], "partial_rotary_factor": 0.5],
        ]
    }

    @Test(
        "Heads of most families turn whole, and what isn't read is said",
        arguments: ["LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM"])
    func headsTurnWhole(architecture: String) throws {
        for fields in Self.spellings {
            let description = try description(architecture, fields)
            #expect(description.specification.layers[0].rotary?.dimension == 8)
            #expect(
                description.remark
                    == "The header says partial_rotary_factor 0.5, which \(description.family) does not read: 8 of the "
                    + "8 numbers of a head turn, as transformers does since version 5.")
        }
        #expect(try description(architecture, ["partial_rotary_factor": 1.0]).remark == nil)
        #expect(try description(architecture, [:]).remark == nil)
    }

    @Test("Phi-3 turns the share it states, GPT-NeoX the one it calls rotary_pct")
    func sharesThatAreRead() throws {
        for fields in Self.spellings.prefix(2) {
            let phi = try description("Phi3ForCausalLM", fields)
            #expect(phi.specification.layers[0].rotary?.dimension == 4)
            #expect(phi.remark == nil)
        }
        let shares: [([String: Any], Int, Bool)] = [
            (["rotary_pct": 0.5], 4, false), ([:], 2, false), (Self.spellings[1], 4, false),
            // Beside the object it means nothing to GPT-NeoX.
            (["partial_rotary_factor": 1.0], 2, true),
        ]
        for (fields, dimension, isSaid) in shares {
            let neox = try description("GPTNeoXForCausalLM", fields)
            #expect(neox.specification.layers[0].rotary?.dimension == dimension)
            #expect((neox.remark != nil) == isSaid)
        }
    }

    @Test(
        "A share of a scaled rotation is refused where heads turn whole",
        arguments: ["linear", "dynamic", "yarn"])
    func scaledSharesAreRefused(kind: String) throws {
        let scaling: [String: Any] = ["type": kind, "factor": 2.0]
        let error = #expect(throws: ModelError.self) {
            try description(fields: ["rope_scaling": scaling, "partial_rotary_factor": 0.5])
        }
        #expect(
            error?.message.hasSuffix(
                "config.json: partial_rotary_factor is 0.5, and heads of the family turn whole where the rotation is "
                    + "scaled.") == true)
        #expect(throws: Never.self) {
            try description(fields: ["rope_scaling": scaling, "partial_rotary_factor": 1.0])
        }
        #expect(throws: Never.self) {
            try description("GPTNeoXForCausalLM", ["rope_scaling": scaling, "rotary_pct": 0.5])
        }
    }

    private func description(fields: [String: Any]) throws -> ModelDescription {
        try description("LlamaForCausalLM", fields)
    }
}
