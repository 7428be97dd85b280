/// Models that are an encoder and nothing else. They are known by name to be refused with the reason.
enum EncoderOnly {
    /// What names in transformers begin with, before "Model", "ForMaskedLM", "ForSequenceClassification" and the like.
    private static let families: Set<String> = [
        "Bert", "Roberta", "XLMRoberta", "XLMRobertaXL", "DistilBert", "Albert", "Electra", "Deberta",
        "DebertaV2",
        "MPNet", "ModernBert", "EuroBert", "NomicBert", "Camembert", "MobileBert", "RoFormer", "ConvBert",
        "SqueezeBert", "Funnel", "Longformer", "BigBird", "MegatronBert", "Nystromformer", "FNet", "Esm",
        "T5Encoder",
        "UMT5Encoder", "MT5Encoder",
    ]

    private static let endings = [
        "Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "ForTokenClassification",
        "ForQuestionAnswering", "ForMultipleChoice", "ForNextSentencePrediction",
    ]

    /// `general.architecture` of GGUF files.
    private static let ggufArchitectures: Set<String> = [
        "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "neo-bert", "modern-bert",
        "eurobert",
        "t5encoder",
    ]

    static func holds(_ architecture: String) -> Bool {
        ggufArchitectures.contains(architecture)
            || endings.contains { ending in
                architecture.hasSuffix(ending)
                    && families.contains(String(architecture.dropLast(ending.count)))
            }
    }
}
