import NuthatchGeneration

/// The closing line of an answer: what it cost, on one line.
enum UsageLine {
    static func text(_ report: GenerationReport) -> String {
        [
            "prompt \(report.promptTokenCount) tokens (\(report.cachedTokenCount) cached)",
            "generated \(report.generatedTokenCount)",
            "prefill \(Quantities.rate(report.prefillTokensPerSecond))",
            "decode \(Quantities.rate(report.decodeTokensPerSecond))",
            "KV \(Quantities.bytes(report.kvByteCount))",
            "peak memory \(Quantities.bytes(SystemMemory.peakResidentByteCount))",
        ].joined(separator: " | ")
    }
}
