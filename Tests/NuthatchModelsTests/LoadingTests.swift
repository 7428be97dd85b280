import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

@Suite struct LoadingTests {
    private func load(_ tiny: TinyLlama) throws -> Decoder {
        let directory = try tiny.write()
        return try Decoder.load(try Checkpoint.open(directory.path))
    }

    @Test("A missing tensor is named with the shape it should have")
    func missingTensorIsNamed() throws {
        var tiny = TinyLlama()
        tiny.tensors.removeAll { $0.name.hasSuffix("up_proj.weight") }
        let error = try #require(throws: ModelError.self) { try load(tiny) }
        #expect(error.message.contains("model.layers.0.mlp.up_proj.weight"))
        #expect(error.message.contains("[24, 16]"))
    }

    @Test("A tensor of another shape is named with both shapes")
    func wrongShapeIsNamed() throws {
        var tiny = TinyLlama()
        tiny.tensors[0].shape = [15, 16]
        let error = try #require(throws: ModelError.self) { try load(tiny) }
        #expect(error.message.contains("model.embed_tokens.weight has shape [15, 16]"))
        #expect(error.message.contains("[16, 16]"))
    }

    @Test("A tensor that the family has no use for is named")
    func unexpectedTensorIsNamed() throws {
        var tiny = TinyLlama()
        tiny.tensors.append(("model.layers.0.self_attn.q_proj.lora_A", [2, 16]))
        let error = try #require(throws: ModelError.self) { try load(tiny) }
        #expect(error.message.contains("model.layers.0.self_attn.q_proj.lora_A"))
        #expect(error.message.contains("Llama"))
    }

    @Test("The plan is what loading and a workspace take", arguments: GoldenModel.all)
    func planIsWhatIsTaken(model: GoldenModel) throws {
        let checkpoint = try model.checkpoint()
        for precision in WeightPrecision.allCases {
            let plan = try Decoder.plan(checkpoint, precision: precision, maximumRowCount: 64)
            let decoder = try Decoder.load(checkpoint, precision: precision)
            #expect(decoder.weightByteCount == plan.weightByteCount)
            let workspace = try DecoderWorkspace(for: decoder, maximumRowCount: 64)
            #expect(workspace.byteCount == plan.workspaceByteCount)
        }
    }

    @Test("A context that no sequence has is refused", arguments: [0, -1, 1 << 31 + 1, Int.max])
    func contextLengthIsChecked(length: Int) throws {
        let directory = try TinyLlama().write()
        let checkpoint = try Checkpoint.open(directory.path)
        let error = try #require(throws: ModelError.self) {
            try Decoder.load(checkpoint, contextLength: length)
        }
        #expect(error.code == .usage)
        #expect(error.message == "A context of \(length) tokens was asked for; the model was made for 64.")
    }
}
