import NuthatchGeneration
import NuthatchTensors
import Testing

@Suite struct QuantizationPlanTests {
    private func plan(
        _ tensors: [(String, [Int])], _ type: QuantizationType, isPure: Bool = false,
        stored: ElementFormat? = .bf16
    ) -> [String: QuantizationPlan.Tensor] {
        let plan = QuantizationPlan(tensors.map { ($0.0, $0.1, stored) }, type: type, isPure: isPure)
        return Dictionary(uniqueKeysWithValues: plan.tensors.map { ($0.name, $0) })
    }

    @Test(arguments: QuantizationType.allCases)
    func normsBiasesAndTablesOfPositionsStayF32(type: QuantizationType) {
        let names: [(String, [Int])] = [
            ("blk.0.attn_norm.weight", [512]), ("blk.0.attn_q.bias", [512]), ("output_norm.weight", [512]),
            ("blk.0.attn_q_norm.weight", [2, 256]), ("position_embd.weight", [64, 512]),
            ("blk.0.ffn_gate_inp.weight", [8, 512]), ("rope_freqs.weight", [32]),
        ]
        for (name, tensor) in plan(names, type) {
            #expect(tensor.format == .f32, "\(name)")
            #expect(tensor.refused == nil)
        }
    }

    @Test func matricesTakeTheType() {
        for type in QuantizationType.allCases {
            let tensors = plan(
                [
                    ("token_embd.weight", [9, 256]), ("output.weight", [9, 256]),
                    ("blk.0.ffn_up.weight", [9, 256]),
                ],
                type)
            #expect(tensors["blk.0.ffn_up.weight"]?.format == type.format)
            #expect(tensors["token_embd.weight"]?.format == type.format)
        }
    }

    /// DeepSeek-V3's, whose keys' matrices lie turned: a row is as long as a head's plain part, half a super-block.
    @Test func headsMatricesGoByTheirOwnRows() {
        let tensors = plan(
            [
                ("blk.3.attn_k_b.weight", [128, 512, 128]), ("blk.3.attn_v_b.weight", [128, 128, 512]),
                ("blk.3.attn_kv_a_norm.weight", [512]), ("blk.3.exp_probs_b.bias", [256]),
            ],
            .q4_k)
        #expect(tensors["blk.3.attn_k_b.weight"]?.format == .q5_0)
        #expect(tensors["blk.3.attn_k_b.weight"]?.refused == .q4K)
        #expect(tensors["blk.3.attn_v_b.weight"]?.format == .q4K)
        #expect(tensors["blk.3.attn_kv_a_norm.weight"]?.format == .f32)
        #expect(tensors["blk.3.exp_probs_b.bias"]?.format == .f32)
    }

    @Test func theOutputMatrixIsWiderThanFourBits() {
        for type in [QuantizationType.q4_0, .q4_1, .q4_k] {
            let own = plan([("token_embd.weight", [9, 256]), ("output.weight", [9, 256])], type)
            #expect(own["output.weight"]?.format == .q6K)
            #expect(own["token_embd.weight"]?.format == type.format)
            #expect(plan([("token_embd.weight", [9, 256])], type)["token_embd.weight"]?.format == .q6K)
            let pure = plan([("token_embd.weight", [9, 256])], type, isPure: true)
            #expect(pure["token_embd.weight"]?.format == type.format)
        }
    }

    @Test func halfOfTheSensitiveMatricesTakeSixBits() {
        let layers = (0..<16).map { "blk.\($0).ffn_down.weight" }
        let tensors = plan(layers.map { ($0, [256, 512]) }, .q4_k)
        let wide = (0..<16).filter { tensors[layers[$0]]?.format == .q6K }
        // An eighth at either end, and the third of every three between.
        #expect(wide == [0, 1, 4, 7, 10, 13, 14, 15])
        #expect(
            plan(layers.map { ($0, [256, 512]) }, .q4_k, isPure: true).values.allSatisfy { $0.format == .q4K }
        )
    }

    @Test func rowsThatDoNotFitTakeTheNextWiderFormat() {
        func fallback(_ rowLength: Int, _ type: QuantizationType) -> QuantizationPlan.Tensor? {
            plan([("blk.0.attn_q.weight", [4, rowLength]), ("output.weight", [4, rowLength])], type)[
                "blk.0.attn_q.weight"]
        }
        #expect(fallback(576, .q4_k)?.format == .q5_0)
        #expect(fallback(576, .q4_k)?.refused == .q4K)
        #expect(fallback(576, .q6_k)?.format == .q8_0)
        #expect(fallback(40, .q4_k)?.format == .f16)
        #expect(fallback(40, .q4_k)?.refused == .q4K)
        #expect(fallback(40, .q8_0)?.format == .f16)
        #expect(fallback(40, .f16)?.refused == nil)
    }

    @Test func blocksThatAreNoMatrixStayAsTheyAre() {
        let tensors = plan([("position_embd.weight", [4, 32])], .q4_0, stored: .q8_0)
        #expect(tensors["position_embd.weight"]?.format == .q8_0)
    }
}
